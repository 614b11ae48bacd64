import fc from "fast-check";
import { expect, test } from "vitest";
import { errors } from "../../src/errors/ringline-error.js";
import { DeadLetterStore } from "../../src/runtime/dead-letter-store.js";
import type { DeadLetter, DeadLetterFilter } from "../../src/runtime/dead-letters.js";
import { numbered, numberOf } from "../support/messages.js";
import { kind, operations, pick } from "../support/operations.js";
import { quiet, type Watched, watch } from "../support/settling.js";

const kernels = ["a", "b"] as const;
const reasons = [new errors.EXPIRED({ late: 1 }), new errors.TERMINATED({ operation: "send" })] as const;
const which = fc.record(
  { kernelId: fc.constantFrom(...kernels), reason: fc.constantFrom("EXPIRED", "TERMINATED") },
  { requiredKeys: [] },
) as fc.Arbitrary<DeadLetterFilter>;

type Operation =
  | { do: "add"; kernelId: string; reason: number }
  | { do: "take"; which: DeadLetterFilter }
  | { do: "peek"; which: DeadLetterFilter }
  | { do: "replay"; which: DeadLetterFilter; accepts: number }
  | { do: "next" }
  | { do: "leave"; pick: number };

const steps = operations<Operation>(
  kind(8, "add", { kernelId: fc.constantFrom(...kernels), reason: fc.nat({ max: 1 }) }),
  kind(1, "take", { which }),
  kind(2, "peek", { which }),
  kind(3, "replay", { which, accepts: fc.nat({ max: 5 }) }),
  kind(3, "next"),
  kind(1, "leave", { pick }),
);

/** A list, the oldest first, and those who wait for a letter. */
class Model {
  kept: DeadLetter[] = [];
  readonly waiting: { iterator: AsyncIterator<DeadLetter>; real: Watched<IteratorResult<DeadLetter>> }[] = [];
  readonly given: { real: Watched<IteratorResult<DeadLetter>>; letter: DeadLetter | undefined }[] = [];
  evicted = 0;

  constructor(readonly limit: number) {}

  add(deadLetter: DeadLetter): void {
    const first = this.waiting.shift();
    if (first !== undefined) {
      this.given.push({ real: first.real, letter: deadLetter });
      return;
    }
    this.kept.push(deadLetter);
    if (this.kept.length > this.limit) {
      this.kept.shift();
      this.evicted++;
    }
  }

  peek({ kernelId, reason }: DeadLetterFilter): DeadLetter[] {
    return this.kept.filter(
      (one) => (kernelId ?? one.kernelId) === one.kernelId && (reason ?? one.reason) === one.reason,
    );
  }

  remove(deadLetters: readonly DeadLetter[]): void {
    this.kept = this.kept.filter((one) => !deadLetters.includes(one));
  }
}

test("the store does what a plain list does, whatever is asked of it in which order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), steps, async (limit, list) => {
      const model = new Model(limit);
      const sent: number[] = [];
      let room = 0;
      const store = new DeadLetterStore(limit, async (_, message) => {
        await undefined;
        if (room-- <= 0) throw new errors.QUEUE_FULL({ queueSize: 1 });
        sent.push(numberOf(message));
      });
      let made = 0;
      for (const step of list) {
        if (step.do === "add") {
          const { kernelId } = step;
          const error = reasons[step.reason]!;
          const place = { error, reason: error.code, kernelId, stage: null, attempts: 0, at: 0 };
          const deadLetter = { message: numbered(made++), ...place };
          store.add(deadLetter);
          model.add(deadLetter);
        } else if (step.do === "peek") {
          expect(store.peek(step.which)).toEqual(model.peek(step.which));
        } else if (step.do === "take") {
          const taken = model.peek(step.which);
          model.remove(taken);
          expect(store.take(step.which)).toEqual(taken);
        } else if (step.do === "replay") {
          const chosen = model.peek(step.which);
          const accepted = chosen.slice(0, step.accepts);
          [room, sent.length] = [step.accepts, 0];
          const outcome = store.replay(store.peek(step.which));
          if (accepted.length === 0 && chosen.length > 0) {
            await expect(outcome).rejects.toMatchObject({ code: "QUEUE_FULL" });
          } else {
            expect(await outcome).toBe(accepted.length);
          }
          expect(sent).toEqual(accepted.map(({ message }) => numberOf(message)));
          model.remove(accepted);
        } else if (step.do === "next") {
          const iterator = store[Symbol.asyncIterator]();
          const real = watch(iterator.next());
          const deadLetter = model.kept.shift();
          if (deadLetter === undefined) model.waiting.push({ iterator, real });
          else model.given.push({ real, letter: deadLetter });
        } else if (step.do === "leave" && model.waiting.length > 0) {
          const [left] = model.waiting.splice(step.pick % model.waiting.length, 1);
          await left!.iterator.return?.();
          model.given.push({ real: left!.real, letter: undefined });
        }
        await quiet();
        expect([store.size, store.evicted]).toEqual([model.kept.length, model.evicted]);
        expect(model.given.map(({ real }) => real.value?.value)).toEqual(
          model.given.map(({ letter: deadLetter }) => deadLetter),
        );
        expect(model.waiting.map(({ real }) => real.state)).toEqual(model.waiting.map(() => "waits"));
      }
    }),
    { numRuns: 60 },
  );
});
