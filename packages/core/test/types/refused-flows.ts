/** Mistakes with flows that must not compile. */
import { type Backend, createRuntime, pipeline } from "@ringline/core";
import { preprocess, raw } from "./usage.js";
import { diamond } from "./usage-topologies.js";

declare const backend: Backend;

export async function flows() {
  const runtime = createRuntime({ backends: { main: backend, threads: backend } });
  // @ts-expect-error the flow names a backend, "gpu", that this runtime lacks
  await runtime.run(pipeline("p").stage(preprocess, { backend: "gpu" }));
  const flow = await runtime.run(pipeline("p").stage(preprocess, { backend: "threads" }));
  // @ts-expect-error an output is no input
  for await (const out of flow.process([raw])) await flow.send(out);
  // @ts-expect-error the flow takes something else
  (await runtime.run(diamond)).process([raw]);
  // @ts-expect-error a pipeline without stages is no topology
  await runtime.run(pipeline("p"));
  // @ts-expect-error a misspelt option
  await runtime.run(diamond, { maxInflight: 3 });
  // @ts-expect-error a kernel is no topology
  await runtime.run(preprocess);
}
