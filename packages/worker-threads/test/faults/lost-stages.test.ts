import { createRuntime, pipeline } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { describe, expect, test, vi } from "vitest";
import { first, Item, second, third } from "../kernels/faulty.mjs";

/** More of them by `npm run stress`. */
const TRIALS = Number(process.env["RINGLINE_TRIALS"] ?? 20);
vi.setConfig({ testTimeout: 6000 * TRIALS });

const MANY = 300;
const range = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Each kernel has a thread of its own; one of them is lost in the middle of traffic. */
async function trial(dies: string, at: number, workers: number, maxInFlight: number): Promise<void> {
  const runtime = createRuntime({ backend: workerThreads({ threads: 2 + workers }) });
  runtime.on("error", () => {});
  const line = pipeline("line").stage(first).stage(second, { workers }).stage(third);
  const flow = await runtime.run(line, { maxInFlight });
  const seen: number[] = [];
  const items = range(MANY).map((n) => Item(n === at ? { n, dies } : { n }));
  for await (const { n } of flow.process(items)) seen.push(n);
  expect(seen).toEqual(range(MANY).filter((n) => n !== at));
  const deadLetters = runtime.deadLetters.peek();
  expect(deadLetters.map(({ stage, reason }) => [stage, reason])).toEqual([[dies, "KERNEL_FAILED"]]);
  const { inFlight, stages } = await flow.telemetry();
  expect(inFlight).toBe(0);
  for (const { ledger } of stages) {
    const { accepted, done, deadLettered, queued, inHand } = ledger.input;
    expect([queued, inHand, accepted]).toEqual([0, 0, done + deadLettered]);
  }
  for (const [port, { queued, inHand }] of await runtime.dispose()) expect(queued + inHand, port).toBe(0);
}

describe("a thread that is lost while it works for a flow", () => {
  for (const dies of ["first", "second", "third"]) {
    test(`at its ${dies} stage: every other input has its result, once and in order, and the flow ends`, async () => {
      for (let round = 0; round < TRIALS; round++) {
        const at = Math.floor(Math.random() * MANY);
        await trial(dies, at, 1 + (round % 2), round % 3 === 0 ? 8 : 1000);
      }
    });
  }
});
