import fc from "fast-check";
import { expect, test } from "vitest";
import { body, createRuntime, defineKernel, defineMessage, type KernelContext } from "../../src/index.js";
import { faults, virtualClock } from "../../src/testing.js";
import { local } from "../support/local-backend.js";

const Add = defineMessage("Add", body<{ n: number; fails: boolean }>());
const Sum = defineMessage("Sum", body<{ n: number; sum: number; life: number }>());
const supervise = {
  restart: "on-failure",
  onCrash: "retry",
  effects: "commit",
  backoff: { initial: 10 },
  limit: { max: 1000, window: 1e9 },
} as const;

/** Adds up, and crashes by itself once over each message that says so, after it has saved and sent. */
function adder(isLoop: boolean) {
  const failed = new Set<number>();
  const step = async (add: { n: number; fails: boolean }, sum: number, ctx: KernelContext<never, never>) => {
    await ctx.checkpoint(sum);
    await ctx.send(Sum({ n: add.n, sum, life: failed.size }) as never);
    if (!add.fails || failed.has(add.n)) return undefined;
    failed.add(add.n);
    throw new RangeError("after all was sent");
  };
  const common = { id: "adder", input: Add, output: Sum, supervise } as const;
  if (!isLoop) {
    return defineKernel({
      ...common,
      onError: "fail",
      handle: (add, ctx) => step(add, ((ctx.restored ?? 0) as number) + add.n, ctx as never),
    });
  }
  return defineKernel({
    ...common,
    async run(ctx) {
      let sum = (ctx.restored ?? 0) as number;
      for await (const add of ctx) {
        sum += add.n;
        await step(add, sum, ctx as never);
      }
    },
  });
}

test.each([
  ["a loop", true],
  ["a function", false],
])("%s: whatever crashes when, each message counts once, in state and outputs", async (_, isLoop) => {
  const adds = fc.array(fc.record({ n: fc.nat({ max: 100 }), fails: fc.boolean() }), { minLength: 1, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(adds, fc.integer(), fc.integer({ min: 1, max: 30 }), async (given, seed, queueSize) => {
      const clock = virtualClock();
      const plan = [
        { do: "crash", chance: 0.2 },
        { do: "delay", by: 5, chance: 0.1 },
      ] as const;
      const backend = faults(local(), plan, { seed });
      const runtime = createRuntime({ backend, clock });
      runtime.on("error", () => {});
      runtime.on("stalled", () => {});
      const handle = await runtime.start(adder(isLoop), { queueSize });
      const messages = given.map(({ n, fails }, i) => Add({ n: n + i / 1000, fails }));
      const sent = Promise.all(messages.map((message) => handle.send(message)));
      const got: { sum: number; id: string }[] = [];
      const read = (async () => {
        for await (const { sum, messageId } of handle) got.push({ sum, id: messageId });
      })();
      for (let i = 0; i < 200 && got.length < messages.length; i++) await clock.advance(100_000);
      await sent;
      let sum = 0;
      const sums = messages.map(({ n }) => {
        sum += n;
        return sum;
      });
      expect(got.map((output) => output.sum)).toEqual(sums);
      expect(new Set(got.map(({ id }) => id)).size).toBe(messages.length);
      expect(runtime.deadLetters.size).toBe(0);
      const { restarts, requeued, ledger } = await handle.telemetry();
      expect(restarts).toBe(requeued);
      expect(ledger.input).toMatchObject({ accepted: messages.length, dropped: 0, deadLettered: 0 });
      await runtime.dispose();
      await read;
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 40 },
  );
});
