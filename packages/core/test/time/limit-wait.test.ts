import { describe, expect, test } from "vitest";
import type { AnyRinglineError } from "../../src/errors/ringline-error.js";
import { virtualClock } from "../../src/testing/virtual-clock.js";
import { END_SIGNAL, EndSignal, type KernelWait, limitWait } from "../../src/time/wait-options.js";
import { CountingSignal } from "../support/counting-signal.js";

/** A wait that is limited in every way, and what becomes of it. */
function limited(wait: KernelWait = {}) {
  const [clock, signal, ending] = [virtualClock(1000), new CountingSignal(), new EndSignal("k")];
  const errors: AnyRinglineError[] = [];
  const all = { timeout: 10, signal: signal.signal, [END_SIGNAL]: ending, ...wait };
  const stop = limitWait(all, clock, "receive", "k", (error) => errors.push(error));
  const left = () => clock.pending + signal.listeners + ending.size;
  return { clock, signal, ending, errors, stop, left };
}

describe("a wait that gives up leaves neither a timer nor a listener", () => {
  test("when its time is over", async () => {
    const { clock, errors, left } = limited();
    expect(left()).toBe(3);
    await clock.advance(9);
    expect(errors).toEqual([]);
    await clock.advance(1);
    expect(errors).toMatchObject([{ code: "TIMEOUT", kernelId: "k", details: { operation: "receive", timeout: 10 } }]);
    expect(left()).toBe(0);
  });

  test("when its signal aborts, with the reason as the cause", () => {
    const { signal, errors, left } = limited();
    const reason = new Error("enough");
    signal.abort(reason);
    expect(errors).toMatchObject([{ code: "ABORTED", kernelId: "k", details: { operation: "receive" } }]);
    expect(errors[0]?.cause).toBe(reason);
    expect(left()).toBe(0);
  });

  test("when the kernel that waits ends", () => {
    const { ending, errors, left } = limited();
    ending.end();
    expect(errors).toMatchObject([{ code: "TERMINATED", kernelId: "k", details: { operation: "receive" } }]);
    expect(left()).toBe(0);
  });

  test("when it was given what it waited for", async () => {
    const { clock, signal, ending, errors, stop, left } = limited();
    stop();
    expect(left()).toBe(0);
    await clock.advance(20);
    signal.abort();
    ending.end();
    expect(errors).toEqual([]);
  });
});

test("it gives up once", async () => {
  const { clock, signal, ending, errors } = limited();
  signal.abort();
  ending.end();
  await clock.advance(20);
  expect(errors.length).toBe(1);
});

test("a kernel that is ending already ends the wait at once", () => {
  const ending = new EndSignal("k");
  ending.end();
  const { errors, left } = limited({ [END_SIGNAL]: ending });
  expect(errors).toMatchObject([{ code: "TERMINATED" }]);
  expect(left() + ending.size).toBe(0);
});

test.each([undefined, Number.POSITIVE_INFINITY])("a time-out of %o takes no timer", (timeout) => {
  expect(limited({ timeout }).clock.pending).toBe(0);
});
