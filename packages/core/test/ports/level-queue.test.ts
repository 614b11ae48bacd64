import fc from "fast-check";
import { expect, test } from "vitest";
import { LevelQueue } from "../../src/ports/queues.js";
import { kind, operations, priority } from "../support/operations.js";

type Operation = { do: "push"; level: number } | { do: "highest" | "lowest" };
interface Entry {
  readonly item: number;
  readonly level: number;
}

const steps = operations<Operation>(kind(5, "push", { level: priority }), kind(3, "highest"), kind(1, "lowest"));

test("gives the oldest item of the highest or of the lowest level, over all 256 levels", () => {
  fc.assert(
    fc.property(steps, (list) => {
      const queue = new LevelQueue<number>();
      const model: Entry[] = [];
      list.forEach((step, item) => {
        if (step.do === "push") {
          queue.push(item, step.level, item * 10);
          model.push({ item, level: step.level });
        } else {
          const wanted = step.do === "highest" ? takeHighest(model) : takeLowest(model);
          expect(step.do === "highest" ? queue.takeHighest() : queue.takeLowest()).toBe(wanted);
          if (wanted !== undefined) expect(queue.takenStamp).toBe(wanted * 10);
        }
        expect(queue.size).toBe(model.length);
      });
    }),
  );
});

test("keeps all levels apart", () => {
  const queue = new LevelQueue<number>();
  const levels = Array.from({ length: 256 }, (_, i) => (i * 97) % 256);
  for (const level of levels) queue.push(level, level, 0);
  const taken = levels.map((_, i) => (i % 2 === 0 ? queue.takeHighest() : queue.takeLowest()));
  expect(taken).toEqual(levels.map((_, i) => (i % 2 === 0 ? 255 - i / 2 : (i - 1) / 2)));
  expect(queue.takeHighest()).toBeUndefined();
  expect(queue.takeLowest()).toBeUndefined();
});

const takeHighest = (model: Entry[]) => takeAt(model, Math.max(...model.map(({ level }) => level)));
const takeLowest = (model: Entry[]) => takeAt(model, Math.min(...model.map(({ level }) => level)));

function takeAt(model: Entry[], level: number): number | undefined {
  const index = model.findIndex((entry) => entry.level === level);
  return index < 0 ? undefined : model.splice(index, 1)[0]?.item;
}
