import fc from "fast-check";
import { expect, test } from "vitest";
import { errors } from "../../src/errors/ringline-error.js";
import { WaitList } from "../../src/ports/wait-list.js";
import { virtualClock } from "../../src/testing/virtual-clock.js";
import { CountingSignal } from "../support/counting-signal.js";
import { kind, operations, pick, timeout } from "../support/operations.js";
import { quiet, type Watched, watch } from "../support/settling.js";

type Operation =
  | { do: "wait"; timeout: number | undefined; hasSignal: boolean }
  | { do: "shift" | "rejectAll" }
  | { do: "advance"; by: number }
  | { do: "abort"; pick: number };

interface Entry {
  readonly real: Watched<number>;
  readonly until: number;
  readonly signal: CountingSignal | undefined;
  expected: string;
}

const steps = operations<Operation>(
  kind(5, "wait", { timeout, hasSignal: fc.boolean() }),
  kind(3, "shift"),
  kind(1, "rejectAll"),
  kind(2, "advance", { by: fc.constantFrom(1, 5, 30) }),
  kind(2, "abort", { pick }),
);

test("first come, first served; who gives up leaves nothing behind", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const clock = virtualClock(1000);
      const waits = new WaitList<number, number>(clock, "k");
      const all: Entry[] = [];
      const waiting = () => all.filter(({ expected }) => expected === "waits");
      for (const step of list) {
        if (step.do === "wait") {
          const signal = step.hasSignal ? new CountingSignal() : undefined;
          const options = { timeout: step.timeout, signal: signal?.signal };
          const real = watch(waits.wait(all.length, options, "receive"));
          all.push({
            real,
            until: clock.now() + (step.timeout ?? Number.POSITIVE_INFINITY),
            signal,
            expected: "waits",
          });
        } else if (step.do === "shift") {
          const first = waiting()[0];
          const shifted = waits.shift();
          expect(shifted?.item).toBe(first && all.indexOf(first));
          shifted?.resolve(shifted.item);
          if (first !== undefined) first.expected = "done";
        } else if (step.do === "rejectAll") {
          waits.rejectAll(() => new errors.TERMINATED({ operation: "receive" }));
          for (const entry of waiting()) entry.expected = "TERMINATED";
        } else if (step.do === "advance") {
          await clock.advance(step.by);
          for (const entry of waiting()) if (entry.until <= clock.now()) entry.expected = "TIMEOUT";
        } else if (step.do === "abort") {
          const signalled = waiting().filter(({ signal }) => signal !== undefined);
          const entry = signalled[step.pick % signalled.length];
          entry?.signal?.abort();
          if (entry !== undefined) entry.expected = "ABORTED";
        }
        await quiet();
        expect(all.map(({ real }) => real.state)).toEqual(all.map(({ expected }) => expected));
        expect(waits.size).toBe(waiting().length);
        expect(clock.pending).toBe(waiting().filter(({ until }) => until < Number.POSITIVE_INFINITY).length);
        for (const { signal, expected } of all)
          expect(signal?.listeners ?? 0).toBe(signal && expected === "waits" ? 1 : 0);
      }
      for (const [index, { real }] of all.entries()) if (real.state === "done") expect(real.value).toBe(index);
    }),
  );
});

test("an error that fails a wait names the kernel and the operation", async () => {
  const clock = virtualClock(1000);
  const waits = new WaitList<undefined, void>(clock, "k");
  const failed = waits.wait(undefined, { timeout: 10 }, "receive").catch((error: unknown) => error);
  await clock.advance(10);
  expect(await failed).toMatchObject({
    code: "TIMEOUT",
    kernelId: "k",
    details: { operation: "receive", timeout: 10 },
  });
});
