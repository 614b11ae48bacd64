import { describe, expect, test } from "vitest";
import { body, defineKernel, defineMessage, pipeline } from "../../src/index.js";
import { virtualClock } from "../../src/testing.js";
import { N, plus, stage, watched } from "../support/flow-kit.js";
import { watch } from "../support/settling.js";

const Items = defineMessage("Items", body<{ readonly items: readonly N[] }>());

describe("a batch", () => {
  test("has no deadline where one of its members has none, whichever came last", async () => {
    const clock = virtualClock();
    const { runtime, letters: deadLetters } = watched(clock);
    const slow = defineKernel({
      id: "slow",
      input: Items,
      output: N,
      handle: ({ items }) =>
        new Promise<N[]>((resolve) => {
          clock.after(60, () => resolve(items.map((item) => N({ n: item.n }))));
        }),
    });
    const flow = await runtime.run(
      pipeline("p").stage(plus("a", 0)).batch(Items, { max: 2 }).stage(slow).stage(plus("last")),
    );
    await flow.send(N({ n: 1 }));
    const hasty = watch(flow.request(N({ n: 2 }), { timeout: 30 }));
    const patient = watch(flow.receive());
    await clock.advance(100);
    expect(hasty.state).toBe("TIMEOUT");
    expect(patient.value?.n).toBe(2);
    expect(deadLetters.map(({ reason }) => reason)).not.toContain("EXPIRED");
  });

  test("has the latest deadline of its members", async () => {
    const clock = virtualClock();
    const { runtime, letters: deadLetters } = watched(clock);
    let worked = 0;
    const slow = defineKernel({
      id: "slow",
      input: Items,
      output: N,
      handle: () =>
        new Promise<undefined>((resolve) => {
          worked++;
          clock.after(80, () => resolve(undefined));
        }),
    });
    const flow = await runtime.run(pipeline("p").stage(plus("a", 0)).batch(Items, { max: 2 }).stage(slow));
    for (const n of [1, 2]) await flow.send(N({ n }));
    for (let batch = 0; batch < 2; batch++) {
      await flow.send(N({ n: 3 }, { expiresIn: 100 }));
      await flow.send(N({ n: 4 }, { expiresIn: 50 }));
    }
    await clock.advance(80);
    expect(worked).toBe(2);
    expect(deadLetters).toEqual([]);
    await clock.advance(80);
    expect(worked).toBe(2);
    expect(deadLetters.map(({ reason, stage }) => [reason, stage])).toEqual([["EXPIRED", "slow"]]);
    await flow.drain();
  });

  test("leaves out members that expired while it was held", async () => {
    const clock = virtualClock();
    const { runtime, letters: deadLetters } = watched(clock);
    const flow = await runtime.run(pipeline("p").stage(plus("a", 0)).batch(Items, { max: 2 }));
    const asked = watch(flow.request(N({ n: 1 }, { expiresIn: 20 })));
    await clock.advance(60);
    await flow.send(N({ n: 2 }));
    expect((await flow.receive()).items.map(({ n }) => n)).toEqual([2]);
    expect(asked.state).toBe("EXPIRED");
    expect(deadLetters.map(({ reason, kernelId }) => [reason, kernelId])).toEqual([["EXPIRED", "p"]]);
    await flow.drain();
  });
});

test("a message is not tried again after its deadline: it expires", async () => {
  const clock = virtualClock();
  const { runtime, letters: deadLetters } = watched(clock);
  let tries = 0;
  const failing = stage(
    "a",
    () => {
      tries++;
      throw new RangeError("a");
    },
    { onError: { retry: 10, backoff: { initial: 10, factor: 1, jitter: 0 } } },
  );
  const flow = await runtime.run(pipeline("p").stage(failing));
  const asked = watch(flow.request(N({ n: 1 }), { timeout: 35 }));
  await clock.advance(34);
  expect(tries).toBe(4);
  expect(deadLetters).toEqual([]);
  await clock.advance(1);
  expect(asked.state).toBe("TIMEOUT");
  expect(deadLetters).toMatchObject([
    { reason: "EXPIRED", stage: "a", attempts: 4, error: { cause: { code: "KERNEL_FAILED" } } },
  ]);
  await clock.advance(500);
  expect(tries).toBe(4);
  await flow.drain();
});
