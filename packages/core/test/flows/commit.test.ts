import { expect, test } from "vitest";
import { defineKernel, pipeline } from "../../src/index.js";
import { virtualClock } from "../../src/testing.js";
import { N, numbers, stage, watched } from "../support/flow-kit.js";

const steady = { factor: 1, jitter: 0 } as const;

/** Takes its time for each message, and refuses or lets wait what comes meanwhile. */
function slow(clock: ReturnType<typeof virtualClock>, backpressure: "block" | "reject") {
  const handle = (message: N) =>
    new Promise<N>((resolve) => {
      clock.after(10, () => resolve(message));
    });
  return stage("slow", handle, { queueSize: 1, backpressure });
}

/** All that comes out until time stands still. */
function reading(flow: { process(source: readonly N[]): AsyncIterable<N> }, source: readonly N[]): number[] {
  const seen: number[] = [];
  void (async () => {
    for await (const { n } of flow.process(source)) seen.push(n);
  })();
  return seen;
}

test("a commit that is refused half way goes on where it stopped, without the body", async () => {
  const clock = virtualClock();
  const { runtime, letters: deadLetters } = watched(clock);
  let calls = 0;
  const handle = () => {
    calls++;
    return [1, 2, 3, 4].map((n) => N({ n }));
  };
  const onError = { retry: 9, backoff: { initial: 6, ...steady } } as const;
  const many = stage("many", handle, { supervise: { effects: "commit" }, onError });
  const flow = await runtime.run(pipeline("p").stage(many).stage(slow(clock, "reject")));
  const seen = reading(flow, numbers(1));
  await clock.advance(200);
  expect(seen).toEqual([1, 2, 3, 4]);
  expect(calls).toBe(1);
  expect(deadLetters).toEqual([]);
  await flow.drain();
});

test("where it is given up, nothing of it leaves with the next input", async () => {
  const clock = virtualClock();
  const { runtime, letters: deadLetters } = watched(clock);
  const handle = ({ n }: N) => (n === 0 ? [1, 2, 3].map((each) => N({ n: each })) : N({ n: 10 }));
  const onError = { retry: 1, backoff: { initial: 1, ...steady } } as const;
  const many = stage("many", handle, { supervise: { effects: "commit" }, onError });
  const flow = await runtime.run(pipeline("p").stage(many).stage(slow(clock, "reject")));
  await flow.send(N({ n: 0 }));
  await clock.advance(100);
  await flow.send(N({ n: 1 }));
  await clock.advance(100);
  expect(deadLetters).toMatchObject([{ reason: "QUEUE_FULL", stage: "many", attempts: 2, message: { n: 0 } }]);
  const seen: number[] = [];
  while (seen.at(-1) !== 10) seen.push((await flow.receive({ timeout: 0 })).n);
  expect(seen).toEqual([1, 2, 10]); // the second left with the one retry
  await flow.drain();
});

test("a crash while a commit waits for room: what had left is not sent again", async () => {
  for (const moment of [5, 10, 15, 25, 35, 45, 55]) {
    const clock = virtualClock();
    const { runtime, letters: deadLetters } = watched(clock);
    let crash = (_: Error) => {};
    const many = defineKernel({
      id: "many",
      input: N,
      output: N,
      supervise: { restart: "on-failure", onCrash: "retry", effects: "commit", backoff: { initial: 1, ...steady } },
      async run(ctx) {
        const crashed = new Promise<never>((_, reject) => {
          crash = reject;
        });
        const work = async () => {
          for await (const { n } of ctx) for (let part = 0; part < 4; part++) await ctx.send(N({ n: n * 10 + part }));
        };
        await Promise.race([crashed, work()]);
      },
    });
    const flow = await runtime.run(pipeline("p").stage(many).stage(slow(clock, "block")));
    const seen = reading(flow, numbers(3));
    for (let times = 0; times < 3; times++) {
      await clock.advance(moment);
      crash(new RangeError("crash"));
    }
    await clock.advance(500);
    expect(seen).toEqual([0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23]);
    expect(deadLetters).toEqual([]);
    await flow.drain();
  }
});
