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
