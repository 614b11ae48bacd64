import { type AnyKernel, defineKernel, peer } from "@ringline/core";
import { deepEqual, equal, rejects, soon, throws, throwsNow } from "../../../assert.js";
import type { Case } from "../../../case.js";
import { worker } from "../../../kernels/job-workers.js";
import { Done, Job } from "../../../kernels/jobs.js";

// biome-ignore lint/suspicious/noExplicitAny: what must be refused does not compile
type Any = any;

const handle = () => undefined;
const good = { id: "good", input: Job, output: Done, handle };

export const optionCases: readonly Case[] = [
  ...Object.entries<Any>({
    "no body": { handle: undefined },
    "two bodies": { run: async () => {} },
    "a body that is no function": { handle: 5 },
    "an empty id": { id: "" },
    "an id that is no string": { id: 5 },
    "an unknown option": { queuesize: 5 },
    "a queueSize of 0": { queueSize: 0 },
    "a negative queueSize": { queueSize: -1 },
    "a queueSize of 1.5": { queueSize: 1.5 },
    "a queueSize of NaN": { queueSize: Number.NaN },
    "an infinite queueSize": { queueSize: Number.POSITIVE_INFINITY },
    "a queueSize in words": { queueSize: "4" },
    "an unknown strategy": { backpressure: "drop-newest" },
    "an input that is no message type": { input: {} },
    "a list with something else in it": { output: [Done, 5] },
    "a peer that is none": { peers: { other: {} } },
    "a module that is no text": { module: 5 },
    "an unknown onError": { onError: "ignore" },
    "no retries": { onError: { retry: 0 } },
    "half a retry": { onError: { retry: 1.5 } },
    "a backoff that shrinks": { onError: { retry: 1, backoff: { initial: 1, factor: 0.5 } } },
    "a negative backoff": { onError: { retry: 1, backoff: { initial: -1 } } },
    "a backoff of NaN": { onError: { retry: 1, backoff: { initial: 1, jitter: Number.NaN } } },
    "an unknown ack": { handle: undefined, run: async () => {}, ack: "later" },
  }).map(
    ([what, options]): Case => ({
      law: 6,
      name: `bad input: a kernel defined with ${what}: INVALID_ARGUMENT`,
      async run() {
        throwsNow(() => defineKernel({ ...good, ...options }), "INVALID_ARGUMENT", what);
      },
    }),
  ),
  ...Object.entries<Any>({
    "an unknown option": { queuesize: 5 },
    "a queueSize of 0": { queueSize: 0 },
    "a queueSize of NaN": { queueSize: Number.NaN },
    "a queueSize of 2.5": { queueSize: 2.5 },
    "an unknown strategy": { backpressure: "wait" },
    "an empty id": { id: "" },
    "an id that is no string": { id: 7 },
    "an unknown backend": { backend: "elsewhere" },
    "a peer it does not declare": { peers: { nobody: "worker" } },
    "a peer that is none": { peers: { gate: {} } },
  }).map(
    ([what, options]): Case => ({
      law: 6,
      name: `bad input: a launch with ${what}: INVALID_ARGUMENT, and nothing is launched`,
      async run(trial) {
        const runtime = trial.runtime();
        await rejects(runtime.launch(worker, options), "INVALID_ARGUMENT", what);
        equal(runtime.kernels.length, 0, "kernels");
        equal((await (await runtime.start(worker)).request(Job({ n: 1 }), soon)).n, 1, "a launch afterwards");
      },
    }),
  ),
  {
    law: 6,
    name: "bad input: a launch of what is no kernel: INVALID_ARGUMENT",
    async run(trial) {
      const runtime = trial.runtime() as Any;
      const launched = await runtime.launch(worker);
      for (const none of [launched, peer("other", { input: Job }), {}, null, undefined, 5, Job]) {
        await throws(() => runtime.launch(none), "INVALID_ARGUMENT", `launch of ${typeof none}`);
      }
      for (const target of [{}, null, 5])
        await throws(() => runtime.send(target, Job({ n: 1 })), "INVALID_ARGUMENT", "send");
    },
  },
  {
    law: 6,
    name: "bad input: a kernel that needs what the backend lacks: UNSUPPORTED",
    async run(trial) {
      const runtime = trial.runtime();
      const needy = defineKernel({ ...good, needs: ["a capability of no backend" as never] }) as AnyKernel;
      const error = await rejects(runtime.launch(needy), "UNSUPPORTED", "launch");
      deepEqual([error.kernelId, error.details.capability], ["good", "a capability of no backend"], "error");
      equal(runtime.kernels.length, 0, "kernels");
    },
  },
  {
    law: 6,
    name: "bad input: an unknown event, or a listener that is none: INVALID_ARGUMENT",
    async run(trial) {
      const runtime = trial.runtime() as Any;
      throwsNow(() => runtime.on("nothing", () => {}), "INVALID_ARGUMENT", "event");
      throwsNow(() => runtime.on("error", 5), "INVALID_ARGUMENT", "listener");
    },
  },
  {
    law: 6,
    name: "bad input: kernels of a runtime that are none, or twice the same id: INVALID_ARGUMENT",
    async run(trial) {
      throwsNow(() => trial.runtime({ kernels: [worker, worker] }), "INVALID_ARGUMENT", "the same id twice");
      throwsNow(() => trial.runtime({ kernels: [{}] as Any }), "INVALID_ARGUMENT", "what is no kernel");
      throwsNow(() => trial.runtime({ telemetry: { window: -1 } }), "INVALID_ARGUMENT", "a negative window");
      throwsNow(() => trial.runtime({ deadLetterLimit: 1.5 }), "INVALID_ARGUMENT", "half a dead letter");
    },
  },
];
