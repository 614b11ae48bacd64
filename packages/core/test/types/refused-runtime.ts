/** Calls of a runtime that must not compile. */
import { type Backend, createRuntime, type KernelHandle, type MessageOf } from "@ringline/core";
import { ComputeResult, compute, coordinator, type Preprocessed, preprocess, type RawData, raw } from "./usage.js";

declare const backend: Backend;
const kernels = [preprocess, compute, coordinator] as const;

export async function runtimes(handle: KernelHandle<MessageOf<typeof RawData>, MessageOf<typeof Preprocessed>>) {
  const runtime = createRuntime({ backends: { main: backend, threads: backend }, kernels });

  // ── options
  // @ts-expect-error the default backend is none of them
  createRuntime({ backends: { main: backend }, defaultBackend: "gpu" });
  // @ts-expect-error one or several, not both
  createRuntime({ backend, backends: { main: backend } });
  // @ts-expect-error at least one
  createRuntime({});
  // @ts-expect-error no such option
  createRuntime({ backend, telemetrie: false });

  // ── launching
  // @ts-expect-error an id that it does not know
  await runtime.launch("preproces");
  // @ts-expect-error a backend that it does not have
  await runtime.launch(preprocess, { backend: "gpu" });
  // @ts-expect-error nor by id
  await runtime.start("preprocess", { backend: "gpu" });
  // @ts-expect-error a peer that the kernel does not have
  await runtime.launch(coordinator, { peers: { four: "stage4" } });
  // @ts-expect-error nor by id
  await runtime.launch("coordinator", { peers: { four: "stage4" } });
  // @ts-expect-error a handle is launched already
  await runtime.launch(handle);
  // @ts-expect-error no such option of a launch
  await runtime.launch(preprocess, { queuesize: 3 });
  // @ts-expect-error no such policy
  await runtime.launch(preprocess, { supervise: { restart: "sometimes" } });

  // ── messages
  // @ts-expect-error the kernel takes something else (by id)
  await runtime.send("compute", raw);
  // @ts-expect-error the kernel takes something else (by handle)
  await handle.send(ComputeResult({ result: 1 }));
  // @ts-expect-error the kernel takes something else (by definition)
  await runtime.request(compute, raw);
  // @ts-expect-error the reply has another type
  (await runtime.request("preprocess", raw)).result;
  // @ts-expect-error so have its outputs
  for await (const out of handle) out.values;
  // @ts-expect-error an id that it does not know
  await runtime.receive("prepros");
  // @ts-expect-error times are options, not numbers
  await runtime.receive("preprocess", 1000);

  // ── links and the rest
  // @ts-expect-error outputs and inputs do not meet
  await runtime.connect(compute, preprocess);
  await runtime.connect(preprocess, compute);
  // @ts-expect-error no such way to share
  await runtime.connect(preprocess, compute, { mode: "random" });
  // @ts-expect-error it takes another type
  await runtime.swap(compute, preprocess);
  // @ts-expect-error no such backend
  await runtime.move(compute, { backend: "nowhere" });
  // @ts-expect-error what a restart does not tell
  runtime.on("restart", ({ reason }) => reason);
  // @ts-expect-error no such event
  runtime.on("erorr", () => {});
  // @ts-expect-error nobody to ask
  await runtime.telemetry("other");
  // @ts-expect-error no such reason
  runtime.deadLetters.take({ reason: "LOST" });
  // @ts-expect-error a kernel that takes less does not stand for one that takes more
  const _: KernelHandle<MessageOf<typeof RawData> | MessageOf<typeof Preprocessed>, unknown> = handle;
}
