import { describe, expect, test } from "vitest";
import { errors } from "../../src/errors/ringline-error.js";
import { lineageOf } from "../../src/messages/any-message.js";
import { Ask } from "../../src/messages/ask.js";
import { copyMessage, envelopeOf } from "../../src/messages/envelope.js";
import { CountingSignal } from "../support/counting-signal.js";
import { ManualClock } from "../support/manual-clock.js";
import { numbered } from "../support/messages.js";
import { codeOf, quiet, watch } from "../support/settling.js";

const clock = () => new ManualClock();
const failure = () => new errors.NO_REPLY({ consumedBy: "k" });

describe("a request that waits", () => {
  test("takes the first answer; what comes after it is ordinary output", async () => {
    const ask = new Ask("k", "the host", undefined, clock(), undefined);
    const answer = numbered(1);
    expect(ask.answer(answer)).toBe("taken");
    expect(ask.waits).toBe(false);
    expect(ask.answer(numbered(2))).toBe("further");
    ask.fail(failure());
    expect(await ask.answered).toBe(answer);
  });

  test("fails once; an answer after that is late, and what follows is not", async () => {
    const ask = new Ask("k", "the host", undefined, clock(), undefined);
    ask.fail(failure());
    ask.fail(new errors.ABORTED({ operation: "request" }));
    expect(await codeOf(() => ask.answered)).toBe("NO_REPLY");
    expect(ask.answer(numbered(1))).toBe("late");
    expect(ask.answer(numbered(2))).toBe("further");
  });

  test.each([
    ["TIMEOUT", (time: ManualClock, _: CountingSignal) => time.advance(10)],
    ["ABORTED", (_: ManualClock, signal: CountingSignal) => signal.abort()],
  ])("ends with %s, and leaves nothing behind", async (code, end) => {
    const [time, signal] = [clock(), new CountingSignal()];
    const ask = new Ask("k", "the host", undefined, time, { timeout: 10, signal: signal.signal });
    const answered = watch(ask.answered);
    expect([time.pending, signal.listeners]).toEqual([1, 1]);
    end(time, signal);
    await quiet();
    expect(answered.state).toBe(code);
    expect([time.pending, signal.listeners]).toEqual([0, 0]);
  });

  test("leaves nothing behind when it is answered", () => {
    const [time, signal] = [clock(), new CountingSignal()];
    const ask = new Ask("k", "the host", undefined, time, { timeout: 10, signal: signal.signal });
    ask.answer(numbered(1));
    expect([time.pending, signal.listeners]).toEqual([0, 0]);
  });
});

test("the answer goes on in the name of whoever asked first, not of the request", async () => {
  const parent = { asker: new Ask("first", "the host", undefined, clock(), undefined) };
  const ask = new Ask("k", "first", parent, clock(), undefined);
  const answer = numbered(1);
  ask.answer(copyMessage(answer, { ...envelopeOf(answer), lineage: { asker: ask } }));
  const taken = await ask.answered;
  expect(lineageOf(taken as never)).toBe(parent);
  expect(taken.messageId).toBe(answer.messageId);
});
