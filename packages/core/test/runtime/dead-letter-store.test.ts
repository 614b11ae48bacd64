import { describe, expect, test } from "vitest";
import { errors } from "../../src/errors/ringline-error.js";
import { DeadLetterStore } from "../../src/runtime/dead-letter-store.js";
import type { DeadLetter } from "../../src/runtime/dead-letters.js";
import type { WaitOptions } from "../../src/time/wait-options.js";
import { numbered, numberOf } from "../support/messages.js";
import { codeOf, quiet, watch } from "../support/settling.js";

function letter(n: number, kernelId = "k", error = new errors.EXPIRED({ late: n })): DeadLetter {
  return { message: numbered(n), reason: error.code, error, kernelId, stage: null, attempts: 0, at: n };
}
const store = (limit = 10) => new DeadLetterStore(limit, async () => {});
const numbers = (deadLetters: readonly DeadLetter[]) => deadLetters.map(({ message }) => numberOf(message));

describe("dead letters", () => {
  test("are kept, oldest first, up to the limit; those that fall off are counted", () => {
    const deadLetters = store(3);
    for (let n = 0; n < 5; n++) deadLetters.add(letter(n));
    expect([deadLetters.size, deadLetters.evicted]).toEqual([3, 2]);
    expect(numbers(deadLetters.peek())).toEqual([2, 3, 4]);
  });

  test("are looked at and taken by kernel and by reason", () => {
    const deadLetters = store();
    const failed = new errors.KERNEL_FAILED({ restarts: 0 });
    for (const one of [letter(0, "a"), letter(1, "b"), { ...letter(2, "a"), error: failed, reason: failed.code }]) {
      deadLetters.add(one);
    }
    expect(numbers(deadLetters.peek({ kernelId: "a" }))).toEqual([0, 2]);
    expect(numbers(deadLetters.peek({ reason: "EXPIRED" }))).toEqual([0, 1]);
    expect(numbers(deadLetters.peek({ kernelId: "a", reason: "EXPIRED" }))).toEqual([0]);
    expect(numbers(deadLetters.take({ kernelId: "a" }))).toEqual([0, 2]);
    expect(numbers(deadLetters.take())).toEqual([1]);
    expect(deadLetters.size).toBe(0);
  });

  test("are discarded one by one, those of others are not", () => {
    const deadLetters = store();
    for (let n = 0; n < 3; n++) deadLetters.add(letter(n));
    const [, second] = deadLetters.peek();
    expect(deadLetters.discard([second as DeadLetter, letter(1)])).toBe(1);
    expect(deadLetters.discard([second as DeadLetter])).toBe(0);
    expect(numbers(deadLetters.peek())).toEqual([0, 2]);
  });

  test("are not chosen by a reason that no letter can have", async () => {
    expect(await codeOf(() => store().peek({ reason: "NOPE" as never }))).toBe("INVALID_ARGUMENT");
    expect(await codeOf(() => store().take({ reason: "toString" as never }))).toBe("INVALID_ARGUMENT");
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "3"])("cannot be limited to %o", async (limit) => {
    expect(await codeOf(() => store(limit as number))).toBe("INVALID_ARGUMENT");
  });
});

describe("for await", () => {
  test("takes what is there, then letters as they come, until the end", async () => {
    const deadLetters = store();
    deadLetters.add(letter(0));
    deadLetters.add(letter(1));
    const taken: number[] = [];
    const loop = watch(
      (async () => {
        for await (const one of deadLetters) taken.push(numberOf(one.message));
      })(),
    );
    await quiet();
    expect(taken).toEqual([0, 1]);
    deadLetters.add(letter(2));
    await quiet();
    expect(taken).toEqual([0, 1, 2]);
    expect([deadLetters.size, loop.state]).toEqual([0, "waits"]);
    deadLetters.close();
    await quiet();
    expect(loop.state).toBe("done");
  });

  test("by several: each letter goes to one", async () => {
    const deadLetters = store();
    const [first, second] = [deadLetters[Symbol.asyncIterator](), deadLetters[Symbol.asyncIterator]()];
    const results = [first.next(), second.next(), first.next()];
    for (let n = 0; n < 3; n++) deadLetters.add(letter(n));
    const taken = (await Promise.all(results)).map(({ value }) => numberOf(value.message));
    expect(taken).toEqual([0, 1, 2]);
    expect(deadLetters.size).toBe(0);
  });

  test("that is left takes nothing more", async () => {
    const deadLetters = store();
    const [left, other] = [deadLetters[Symbol.asyncIterator](), deadLetters[Symbol.asyncIterator]()];
    const [abandoned, waiting] = [left.next(), other.next()];
    await left.return?.();
    deadLetters.add(letter(0));
    deadLetters.add(letter(1));
    expect(await abandoned).toEqual({ done: true, value: undefined });
    expect(numberOf((await waiting).value.message)).toBe(0);
    expect(numbers(deadLetters.peek())).toEqual([1]);
    expect(await left.next()).toEqual({ done: true, value: undefined });
    expect(numbers(deadLetters.peek())).toEqual([1]);
  });

  test("after the end gives what is left", async () => {
    const deadLetters = store();
    deadLetters.add(letter(0));
    deadLetters.close();
    const taken: number[] = [];
    for await (const one of deadLetters) taken.push(numberOf(one.message));
    expect(taken).toEqual([0]);
  });
});

describe("replay", () => {
  /** A store whose messages can be sent to some kernels only. */
  function sending(accepts: (to: unknown, n: number) => boolean) {
    const sent: [unknown, number, WaitOptions][] = [];
    const deadLetters = new DeadLetterStore(10, async (to, message, wait) => {
      if (!accepts(to, numberOf(message))) throw new errors.QUEUE_FULL({ queueSize: 1 });
      sent.push([to, numberOf(message), wait]);
    });
    for (let n = 0; n < 3; n++) deadLetters.add(letter(n));
    return { letters: deadLetters, sent };
  }

  test("sends letters in order to where they failed, and they leave the store", async () => {
    const { letters: deadLetters, sent } = sending(() => true);
    expect(await deadLetters.replay(deadLetters.peek(), { timeout: 60_000 })).toBe(3);
    expect(sent.map(([to, n]) => [to, n])).toEqual([0, 1, 2].map((n) => ["k", n]));
    for (const [, , { timeout }] of sent) expect(timeout).toSatisfy((left) => left > 0 && left <= 60_000);
    expect(deadLetters.size).toBe(0);
  });

  test("sends them elsewhere", async () => {
    const { letters: deadLetters, sent } = sending((to) => to === "other");
    expect(await deadLetters.replay(deadLetters.take(), { to: "other" })).toBe(3);
    expect(sent.map(([to]) => to)).toEqual(["other", "other", "other"]);
  });

  test("stops at the first that is not accepted; it and those after it stay", async () => {
    const { letters: deadLetters } = sending((_, n) => n !== 1);
    expect(await deadLetters.replay(deadLetters.peek())).toBe(1);
    expect(numbers(deadLetters.peek())).toEqual([1, 2]);
  });

  test("rejects when the first is not accepted", async () => {
    const { letters: deadLetters } = sending(() => false);
    expect(await codeOf(() => deadLetters.replay(deadLetters.peek()))).toBe("QUEUE_FULL");
    expect(deadLetters.size).toBe(3);
  });

  test("twice at once: each letter is sent once", async () => {
    const { letters: deadLetters, sent } = sending(() => true);
    const both = await Promise.all([
      deadLetters.replay(deadLetters.peek()),
      deadLetters.replay([...deadLetters.peek()].reverse()),
    ]);
    expect(both[0] + both[1]).toBe(3);
    expect(sent.map(([, n]) => n).sort()).toEqual([0, 1, 2]);
    expect(deadLetters.size).toBe(0);
  });

  test("a letter that is named twice is sent once", async () => {
    const { letters: deadLetters, sent } = sending(() => true);
    const [first] = deadLetters.peek();
    expect(await deadLetters.replay([first!, first!])).toBe(1);
    expect(sent.map(([, n]) => n)).toEqual([0]);
  });

  test("what is on its way can be looked at, but nobody takes it", async () => {
    let refuse = (_: Error) => {};
    const refused = new Promise<void>((_, reject) => {
      refuse = reject;
    });
    const deadLetters = new DeadLetterStore(10, () => refused);
    deadLetters.add(letter(0));
    const replayed = watch(deadLetters.replay(deadLetters.peek()));
    expect([numbers(deadLetters.peek()), deadLetters.take()]).toEqual([[0], []]);
    const next = deadLetters[Symbol.asyncIterator]().next();
    refuse(new errors.QUEUE_FULL({ queueSize: 1 }));
    await quiet();
    expect(replayed.state).toBe("QUEUE_FULL");
    expect(numberOf((await next).value.message)).toBe(0); // refused, so it is there again
  });

  test("a late reply goes nowhere by itself", async () => {
    const { letters: deadLetters, sent } = sending(() => true);
    deadLetters.take();
    deadLetters.add(letter(9, "k", new errors.LATE_REPLY({ requester: "the host" }) as never));
    expect(await codeOf(() => deadLetters.replay(deadLetters.peek()))).toBe("INVALID_ARGUMENT");
    expect([deadLetters.size, sent.length]).toEqual([1, 0]);
    expect(await deadLetters.replay(deadLetters.peek(), { to: "other" })).toBe(1);
  });

  test.each([undefined, null, {}, [null], [{}], ["x"]])("of %j is refused", async (deadLetters) => {
    expect(await codeOf(() => store().replay(deadLetters as never))).toBe("INVALID_ARGUMENT");
  });
});
