import { describe, expect, test } from "vitest";
import { errors } from "../../src/errors/ringline-error.js";
import { copyMessage, envelopeOf, expiryOf, lineageOf } from "../../src/messages/any-message.js";
import { NO_REQUEST_CAUSE, PendingRequest } from "../../src/ports/request.js";
import { type VirtualClock, virtualClock } from "../../src/testing/virtual-clock.js";
import { CountingSignal } from "../support/counting-signal.js";
import { numbered } from "../support/messages.js";
import { codeOf, quiet, watch } from "../support/settling.js";

const clock = () => virtualClock(1000);
const failure = () => new errors.NO_REPLY({ consumedBy: "k" });

describe("a request that waits", () => {
  test("takes the first answer; what comes after it is ordinary output", async () => {
    const ask = new PendingRequest("k", "the host", NO_REQUEST_CAUSE, clock(), undefined);
    const answer = numbered(1);
    expect(ask.answer(answer)).toBe("taken");
    expect(ask.waits).toBe(false);
    expect(ask.answer(numbered(2))).toBe("further");
    ask.fail(failure());
    expect(await ask.answered).toBe(answer);
  });

  test("fails once; an answer after that is late, and what follows is not", async () => {
    const ask = new PendingRequest("k", "the host", NO_REQUEST_CAUSE, clock(), undefined);
    ask.fail(failure());
    ask.fail(new errors.ABORTED({ operation: "request" }));
    expect(await codeOf(() => ask.answered)).toBe("NO_REPLY");
    expect(ask.answer(numbered(1))).toBe("late");
    expect(ask.answer(numbered(2))).toBe("further");
  });

  test.each([
    ["TIMEOUT", (time: VirtualClock, _: CountingSignal) => time.advance(10)],
    ["ABORTED", (_: VirtualClock, signal: CountingSignal) => signal.abort()],
  ])("ends with %s, and leaves nothing behind", async (code, end) => {
    const [time, signal] = [clock(), new CountingSignal()];
    const ask = new PendingRequest("k", "the host", NO_REQUEST_CAUSE, time, { timeout: 10, signal: signal.signal });
    const answered = watch(ask.answered);
    expect([time.pending, signal.listeners]).toEqual([1, 1]);
    await end(time, signal);
    await quiet();
    expect(answered.state).toBe(code);
    expect([time.pending, signal.listeners]).toEqual([0, 0]);
  });

  test("leaves nothing behind when it is answered", () => {
    const [time, signal] = [clock(), new CountingSignal()];
    const ask = new PendingRequest("k", "the host", NO_REQUEST_CAUSE, time, { timeout: 10, signal: signal.signal });
    ask.answer(numbered(1));
    expect([time.pending, signal.listeners]).toEqual([0, 0]);
  });
});

describe("the deadline", () => {
  test("is the time-out; none without one", () => {
    const time = clock();
    expect(new PendingRequest("k", "the host", NO_REQUEST_CAUSE, time, { timeout: 10 }).expiresAt).toBe(
      time.now() + 10,
    );
    expect(new PendingRequest("k", "the host", NO_REQUEST_CAUSE, time, undefined).expiresAt).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(time.pending).toBe(1);
  });

  test("is no later than that of the message in whose name it asks, which then ends the wait", async () => {
    const time = clock();
    const parent = { lineage: undefined, expiresAt: time.now() + 20 };
    const sooner = new PendingRequest("k", "a", parent, time, { timeout: 10 });
    const later = new PendingRequest("k", "a", parent, time, { timeout: 50 });
    const endless = new PendingRequest("k", "a", parent, time, undefined);
    const all = [sooner, later, endless].map(({ answered }) => watch(answered));
    expect([sooner, later, endless].map(({ expiresAt }) => expiresAt - time.now())).toEqual([10, 20, 20]);
    await time.advance(10);
    await quiet();
    expect(all.map(({ state }) => state)).toEqual(["TIMEOUT", "waits", "waits"]);
    await time.advance(10);
    await quiet();
    expect(all.map(({ state }) => state)).toEqual(["TIMEOUT", "EXPIRED", "EXPIRED"]);
    expect(time.pending).toBe(0);
  });

  test("what has expired where it was asked is a time-out of the wait, unless it was to expire sooner", async () => {
    const time = clock();
    const [busy, short] = ["busy", "short"].map(
      (name) => new PendingRequest("k", name, NO_REQUEST_CAUSE, time, { timeout: 10 }),
    );
    const states = [busy, short].map((ask) => watch(ask!.answered));
    short!.fail(new errors.EXPIRED({ late: 1 }));
    time.stall(10); // the loop is busy: the timer is due and has not run
    busy!.fail(new errors.EXPIRED({ late: 0 }));
    await quiet();
    expect(states.map(({ state }) => state)).toEqual(["TIMEOUT", "EXPIRED"]);
  });
});

test("the answer goes on in the name of whoever asked first, not of the request, with that deadline", async () => {
  const lineage = { requester: new PendingRequest("first", "the host", NO_REQUEST_CAUSE, clock(), undefined) };
  const ask = new PendingRequest("k", "first", { lineage, expiresAt: 5000 }, clock(), { timeout: 10 });
  const answer = numbered(1);
  ask.answer(copyMessage(answer, { ...envelopeOf(answer), lineage: { requester: ask }, expiresAt: ask.expiresAt }));
  const taken = await ask.answered;
  expect([lineageOf(taken), expiryOf(taken)]).toEqual([lineage, 5000]);
  expect(taken.messageId).toBe(answer.messageId);
});
