/** Flows, and the types they come to. */
import { createRuntime, type Flow, isRinglineError, type Message, pipeline, StageFailure } from "@ringline/core";
import { same } from "./same.js";
import { type ComputeResult, compute, half, inProcess, preprocess, RawData, raw } from "./usage.js";
import { diamond, resilient } from "./usage-topologies.js";

export async function simple() {
  await using runtime = createRuntime({ backend: inProcess(), kernels: [preprocess, compute] });
  await using flow = await runtime.run(pipeline("stats").stage(preprocess).stage(compute, { workers: 3 }).stage(half), {
    maxInFlight: 100,
  });
  same<typeof flow, Flow<RawData, ComputeResult>>();
  for await (const out of flow.process([raw, RawData({ values: [1, 2] })])) console.log(out.result);
  const { writable, readable } = flow.streams();
  same<typeof writable, WritableStream<RawData>>();
  same<typeof readable, ReadableStream<ComputeResult>>();
}

export async function failing() {
  await using runtime = createRuntime({ backend: inProcess() });
  const flow = await runtime.run(resilient);
  same<typeof flow, Flow<RawData, ComputeResult | StageFailure>>();
  const out = await flow.request(raw, { timeout: 1000 });
  if (StageFailure.is(out)) return console.log(out.stage, out.error.code, out.failedId);
  console.log(out.result);
  for (const letter of flow.deadLetters.take({ reason: "EXPIRED" })) console.log(letter.stage, letter.error.remedy);
}

export async function watched() {
  await using runtime = createRuntime({ backend: inProcess() });
  const flow = await runtime.run(diamond);
  const { bottleneck, stages } = await flow.telemetry();
  console.log(bottleneck, stages[0]?.workers, flow.describe().mermaid, flow.id);
  await flow.pause();
  await flow.resume();
  await flow.drain({ timeout: 100 });
  await flow.send(Request, { timeout: 1 }).catch((error: unknown) => isRinglineError(error, "TIMEOUT"));
}
declare const Request: Message<"Request", { text: string }>;
