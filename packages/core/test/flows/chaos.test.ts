import { describe, expect, test } from "vitest";
import { pipeline } from "../../src/index.js";
import { N, plus, stage, watched } from "../support/flow-kit.js";
import { randomFrom } from "./random-graph.js";

/** `FLOW_CHAOS=1000000` for the full size. */
const MESSAGES = Number(process.env["FLOW_CHAOS"] ?? 50_000);
const SEED = Number(process.env["FLOW_SEED"] ?? Date.now() % 1_000_000);

const supervise = {
  restart: "on-failure",
  limit: { max: 1_000_000, window: 1000 },
  backoff: { initial: 0, max: 0 },
} as const;

/** Pauses and resumes stages, and the whole flow, until it is told to stop. */
function trouble(
  { runtime }: ReturnType<typeof watched>,
  flow: { pause(): Promise<void>; resume(): Promise<void> },
  random: (below: number) => number,
) {
  let isOver = false;
  const done = (async () => {
    while (!isOver) {
      for (let i = 0; i < 1 + random(4); i++) await new Promise((resolve) => setImmediate(resolve));
      const stages = runtime.kernels.filter(({ state }) => state === "active");
      const one = stages[random(stages.length)];
      if (random(3) === 0) await flow.pause();
      else if (one !== undefined) await runtime.deactivate(one.id);
      await new Promise((resolve) => setImmediate(resolve));
      await flow.resume();
    }
  })();
  return async () => {
    isOver = true;
    await done;
  };
}

describe("chaos", () => {
  for (const onCrash of ["dead-letter", "retry"] as const) {
    const limit = { timeout: 60_000 + MESSAGES };
    test(`every input settles exactly once (${onCrash}, FLOW_SEED=${SEED})`, limit, async () => {
      const random = randomFrom(SEED);
      const told = watched();
      const settled = new Uint8Array(MESSAGES);
      const late = new Uint8Array(MESSAGES);
      told.runtime.on("deadLetter", ({ message }) => {
        settled[(message as N).n]!++;
      });
      /** Fails now and then: the kernel with it, or the message alone; a message that was tried twice gets through. */
      const tries = new Uint8Array(MESSAGES);
      const failing = (id: string, every: number) =>
        stage(
          id,
          ({ n }) => {
            if (random(every) === 0 && tries[n]!++ < 2) throw new Error(`${id} at ${n}`);
            return random(8) === 0 ? Promise.resolve().then(() => N({ n })) : N({ n });
          },
          { queueSize: 64, supervise: { ...supervise, onCrash, effects: "commit" }, onError: "fail" },
        );
      const flow = await told.runtime.run(
        pipeline("chaos")
          .stage(failing("a", 500))
          .stage(plus("b", 0, { queueSize: 8, supervise: { effects: "commit" } }), { workers: 3 })
          .stage(failing("c", 700), { workers: 2, order: "unordered", by: "least-loaded" })
          .stage(
            stage("d", ({ n }) => {
              if (random(900) === 0) throw new Error(`d at ${n}`);
              return N({ n });
            }),
            { workers: 2, onError: { retry: 1, backoff: { initial: 0 } } },
          ),
        { maxInFlight: 500 },
      );
      const stop = trouble(told, flow, random);
      function* source() {
        for (let n = 0; n < MESSAGES; n++) yield N({ n });
      }
      for await (const { n } of flow.process(source())) {
        settled[n]!++;
        late[n] = 1;
      }
      await stop();
      const { inFlight, stages } = await flow.telemetry();
      expect(inFlight).toBe(0);
      expect(stages.reduce((sum, { restarts }) => sum + restarts, 0)).toBeGreaterThan(10);
      const wrong: string[] = [];
      for (let n = 0; n < MESSAGES; n++) if (settled[n] !== 1) wrong.push(`${n}: ${settled[n]} times`);
      expect(wrong).toEqual([]);
      for (const { ledger } of stages) {
        const { accepted, queued, inHand, done, dropped, deadLettered } = ledger.input;
        expect([queued, inHand, accepted]).toEqual([0, 0, done + dropped + deadLettered]);
      }
    });
  }
});
