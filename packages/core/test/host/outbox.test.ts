import { expect, test } from "vitest";
import { Outbox } from "../../src/host/outbox.js";
import { numbered, numberOf } from "../support/messages.js";
import { quiet, watch } from "../support/settling.js";

/** An outbox, what left it, and a gate for what has to wait. */
function outbox() {
  const box = new Outbox();
  const left: (number | string)[] = [];
  let open = () => {};
  const waiting = new Promise<void>((resolve) => {
    open = resolve;
  });
  const add = (n: number, waits = false) =>
    box.add(numbered(n), (message) => {
      if (!waits) {
        left.push(numberOf(message));
        return undefined;
      }
      return waiting.then(() => void left.push(numberOf(message)));
    });
  const save = (state: string, later?: Promise<void>) =>
    box.saveLast(() => {
      left.push(state);
      return later;
    });
  return { box, left, add, save, open };
}

test("outputs leave in order, then the last state, at once when nothing has to wait", () => {
  const { box, left, add, save } = outbox();
  add(1);
  save("one");
  add(2);
  save("two");
  expect(box.isEmpty).toBe(false);
  expect(box.commit()).toBeUndefined();
  expect(left).toEqual([1, 2, "two"]);
  expect(box.isEmpty).toBe(true);
  expect(box.commit()).toBeUndefined();
  expect(left.length).toBe(3);
});

test("the state is saved when the last output was accepted, and the commit waits for that too", async () => {
  const { box, left, add, save, open } = outbox();
  let kept = () => {};
  const keeping = new Promise<void>((resolve) => {
    kept = resolve;
  });
  add(1, true);
  save("one", keeping);
  const commit = watch(box.commit()!);
  await quiet();
  expect([left, commit.state]).toEqual([[], "waits"]);
  open();
  await quiet();
  expect([left, commit.state]).toEqual([[1, "one"], "waits"]);
  kept();
  await quiet();
  expect([commit.state, box.isEmpty]).toEqual(["done", true]);
});

test("what is discarded is neither sent nor saved", () => {
  const { box, left, add, save } = outbox();
  add(1);
  save("one");
  box.discard();
  expect(box.commit()).toBeUndefined();
  expect(left).toEqual([]);
});

test("a commit that is refused goes on where it stopped", () => {
  const { box, left, add, save } = outbox();
  let isFull = true;
  add(1);
  box.add(numbered(2), (message) => {
    if (isFull) throw new RangeError("full");
    left.push(numberOf(message));
    return undefined;
  });
  save("state");
  expect(box.isBegun).toBe(false);
  expect(() => box.commit()).toThrow("full");
  expect(box.isBegun).toBe(true);
  expect(left).toEqual([1]);
  isFull = false;
  expect(box.commit()).toBeUndefined();
  expect(left).toEqual([1, 2, "state"]);
  expect([box.isBegun, box.isEmpty]).toEqual([false, true]);
});

test("a state that is not kept is saved by the next commit", async () => {
  const { box, left, save } = outbox();
  save("state", Promise.reject(new RangeError("lost")));
  await expect(box.commit()).rejects.toThrow("lost");
  expect(box.isEmpty).toBe(false);
  await box.commit()?.catch(() => {});
  expect(left).toEqual(["state", "state"]);
});

test("at its end it tells what has left of an input that is not settled, also later", async () => {
  const { box, add, open } = outbox();
  add(1);
  box.commit();
  box.settled();
  add(2);
  add(3, true);
  add(4);
  const committed = box.commit();
  const told: number[] = [];
  box.end((message) => told.push(numberOf(message)));
  expect(told).toEqual([2]);
  open();
  await committed;
  expect(told.slice(0, 2)).toEqual([2, 3]);
});
