import { expect, test } from "vitest";
import { type Backend, createRuntime, type DeadLetter, defineKernel } from "../../src/index.js";
import { type AnyMessage, type BatchExecutor, hostBatches } from "../../src/internal.js";
import { virtualClock } from "../../src/testing.js";
import { N, numbers } from "../support/flow-kit.js";
import { local } from "../support/local-backend.js";

const device = { batches: 0, dispatches: 0, submits: 0, readbacks: 0, bytesUp: 0, bytesDown: 0, repeated: 0 };
const stats = {
  ...device,
  inFlight: 0,
  buffersMade: 0,
  bufferBytes: 0,
  pipelinesMade: 0,
  losses: 0,
  deviceTime: null,
  inner: [],
};

/** Hands its messages back as they are, all of them in one batch; fails at the number 1. */
const failingAtOne: BatchExecutor = {
  linger: 60_000,
  depth: 1,
  isFull: ({ length }) => length === 3,
  stats: () => ({ ...stats, adapter: "memory", isSoftware: true }),
  dispose() {},
  run: async (messages) => ({
    output(index) {
      const { n } = messages[index] as never as N;
      if (n === 1) throw new Error("cannot do 1");
      return N({ n }) as never as AnyMessage;
    },
    release() {},
  }),
};

/** Kernels are worked on in batches. */
function batching(): Backend {
  const { manifest, start } = local();
  const spawn = async (unit: Parameters<typeof hostBatches>[0]) => hostBatches(unit, failingAtOne);
  return { manifest, start: async (core) => ({ ...(await start(core)), spawn }) };
}

test("a pause between two tries at a message of a batch is cut short by the end of the kernel", async () => {
  const clock = virtualClock();
  const deadLetters: DeadLetter[] = [];
  const runtime = createRuntime({ backend: batching(), clock });
  runtime.on("deadLetter", (deadLetter) => deadLetters.push(deadLetter));
  const onError = { retry: 2, backoff: { initial: 1000 } } as const;
  const kernel = await runtime.start(defineKernel({ id: "all", input: N, output: N, handle: (m) => m, onError }));
  const failed = new Promise((resolve) => runtime.on("error", resolve));
  for (const message of numbers(3)) await kernel.send(message);
  await failed;
  await kernel.terminate({ timeout: Number.POSITIVE_INFINITY }); // nobody moves the clock on
  expect(deadLetters.map(({ message, error }) => [(message as N).n, error.code])).toEqual([
    [1, "TERMINATED"],
    [2, "TERMINATED"],
  ]);
  const { ledger } = await kernel.telemetry();
  expect(ledger.input).toMatchObject({ accepted: 3, done: 1, deadLettered: 2, inHand: 0, queued: 0 });
  await runtime.dispose();
});
