import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errors } from "../../src/errors/ringline-error.js";
import type { Backpressure } from "../../src/kernels/kernel.js";
import type { AnyMessage } from "../../src/messages/any-message.js";
import { MAX_WAITERS, MemoryPort } from "../../src/ports/memory-port.js";
import type { Outcome, PortSpec, Unsettled } from "../../src/seam/port.js";
import { virtualClock } from "../../src/testing/virtual-clock.js";
import type { WaitOptions } from "../../src/time/wait-options.js";
import { CountingSignal } from "../support/counting-signal.js";
import { numbered, numberOf } from "../support/messages.js";
import { kind, operations, pick, priority, timeout } from "../support/operations.js";
import { codeOf, quiet, watch } from "../support/settling.js";
import { PortModel, type Wait } from "./port-model.js";

type Operation =
  | { do: "tryPush"; priority: number }
  | { do: "push"; priority: number; timeout: number | undefined; signal: "none" | "live" | "aborted" }
  | { do: "pushAgain" | "abort" | "discard"; pick: number }
  | { do: "settle"; pick: number; outcome: Outcome; attempts: number }
  | { do: "idle"; timeout: number | undefined }
  | { do: "gate"; open: boolean }
  | { do: "advance"; by: number }
  | { do: "take" | "settleStranger" | "watch" | "remove" | "recover" | "seal" };

const steps = operations<Operation>(
  kind(6, "tryPush", { priority }),
  kind(8, "push", { priority, timeout, signal: fc.constantFrom("none", "none", "live", "live", "aborted") }),
  kind(1, "pushAgain", { pick }),
  kind(8, "take"),
  kind(6, "settle", {
    pick,
    outcome: fc.constantFrom("done", "done", "dead-lettered", "expired", "requeued"),
    attempts: fc.nat({ max: 2 }),
  }),
  kind(1, "settleStranger"),
  kind(4, "gate", { open: fc.boolean() }),
  kind(3, "advance", { by: fc.constantFrom(1, 5, 30) }),
  kind(3, "abort", { pick }),
  kind(3, "watch"),
  kind(2, "idle", { timeout: fc.constantFrom(undefined, 5, 20) }),
  kind(1, "recover"),
  kind(2, "discard", { pick }),
  { weight: 1, arbitrary: fc.constantFrom<Operation>({ do: "remove" }, { do: "remove" }, { do: "seal" }) },
);

/** A port and its model, taken through the same steps. */
class Pair {
  readonly #clock = virtualClock(1000);
  readonly #port: MemoryPort;
  readonly #model: PortModel;
  readonly #dropped: number[] = [];
  readonly #messages: AnyMessage[] = [];
  readonly #signals: CountingSignal[] = [];
  readonly #waits: Wait[] = [];
  #calls = 0;

  constructor(direction: PortSpec["direction"], backpressure: Backpressure, capacity: number) {
    const dropped = (message: AnyMessage) => void this.#dropped.push(numberOf(message));
    this.#port = new MemoryPort(specOf({ direction, capacity, backpressure, dropped }), this.#clock);
    this.#model = new PortModel(capacity, backpressure, direction);
  }

  async take(step: Operation): Promise<void> {
    const [port, model] = [this.#port, this.#model];
    switch (step.do) {
      case "tryPush":
        return this.#tryPush(this.#made(step.priority));
      case "push": {
        const signal = step.signal === "none" ? undefined : new CountingSignal();
        if (signal !== undefined) this.#signals.push(signal);
        if (step.signal === "aborted") signal?.abort();
        return this.#push(this.#made(step.priority), step.timeout, signal);
      }
      case "pushAgain":
        return this.#messages.length === 0
          ? undefined
          : this.#push(this.#messages[step.pick % this.#messages.length]!, undefined, undefined);
      case "take":
        return expect(port.tryTake()).toBe(model.take());
      case "settle": {
        const message = model.hand[step.pick % model.hand.length];
        if (message === undefined) return;
        const isSettled = model.settle(message, step.outcome, step.attempts);
        return expect(port.settle(message, step.outcome, step.attempts)).toBe(isSettled);
      }
      case "settleStranger":
        return expect(port.settle(numbered(-1), "done")).toBe(false);
      case "gate":
        model.gate(step.open);
        return port.gate(step.open);
      case "advance":
        return this.#clock.advance(step.by);
      case "abort":
        return this.#signals[step.pick % this.#signals.length]?.abort();
      case "watch":
        port.whenReadable(() => this.#calls++);
        return model.watch();
      case "idle": {
        const wait = this.#wait(port.idle({ timeout: step.timeout }), step.timeout, undefined);
        return void model.idling.push(wait);
      }
      case "remove":
        return expect(await port.remove()).toEqual(model.remove());
      case "discard": {
        const isUnwanted = (message: AnyMessage) => numberOf(message) % 3 === step.pick % 3;
        return expect(port.discard(isUnwanted)).toEqual(model.discard(isUnwanted));
      }
      case "recover":
        return this.#compareHands(await port.recover());
      case "seal":
        model.isSealed = true;
        return port.seal(() => new errors.TERMINATED({ operation: "send" }));
    }
  }

  /** After each step: the waits stand as they should, the accounts are exact, and nothing is left behind. */
  async compare(): Promise<void> {
    const model = this.#model;
    model.endWaits(this.#clock.now());
    await quiet();
    expect(this.#waits.map(({ real }) => real.state)).toEqual(this.#waits.map(({ expected }) => expected));
    const { ledger, ...stats } = await this.#port.stats();
    expect(ledger).toEqual(model.ledger());
    expect(ledger.accepted).toBe(ledger.queued + ledger.inHand + ledger.done + ledger.dropped + ledger.deadLettered);
    expect(stats).toMatchObject(model.counts);
    expect(this.#dropped).toEqual(model.dropped);
    expect(this.#calls).toBe(model.calls);
    const waiting = this.#waits.filter(({ expected }) => expected === "waits");
    expect(this.#clock.pending).toBe(waiting.filter(({ until }) => until < Number.POSITIVE_INFINITY).length);
    for (const { signal, expected } of this.#waits) {
      expect(signal?.listeners ?? 0).toBe(signal !== undefined && expected === "waits" ? 1 : 0);
    }
  }

  #compareHands(recovered: readonly Unsettled[]): void {
    const { hand, direction } = this.#model;
    const held = direction === "input" ? hand : [];
    expect(recovered.map(({ message }) => numberOf(message)).sort()).toEqual(held.map(numberOf).sort());
    for (const message of held) expect(this.#port.attemptsOf(message)).toBe(this.#model.attemptsOf(message));
    const sum = (all: readonly Unsettled[]) => all.reduce((attempts, tried) => attempts + tried.attempts, 0);
    expect(sum(recovered)).toBe(direction === "input" ? sum(this.#model.tried) : 0);
  }

  #made(priority: number): AnyMessage {
    const message = numbered(this.#messages.length, { priority });
    this.#messages.push(message);
    return message;
  }

  async #tryPush(message: AnyMessage): Promise<void> {
    const expected = this.#model.tryPush(message);
    const isError = expected !== "done" && expected !== "waits";
    if (isError) expect(await codeOf(() => this.#port.tryPush(message))).toBe(expected);
    else expect(this.#port.tryPush(message)).toBe(expected === "done");
  }

  #push(message: AnyMessage, timeout: number | undefined, signal: CountingSignal | undefined): void {
    const wait = this.#wait(this.#port.push(message, { timeout, signal: signal?.signal }), timeout, signal);
    wait.expected = signal?.aborted ? "ABORTED" : this.#model.tryPush(message);
    if (wait.expected === "waits" && timeout === 0) wait.expected = "TIMEOUT";
    if (wait.expected === "waits") this.#model.parked.push({ wait, message });
  }

  #wait(promise: Promise<void>, timeout: number | undefined, signal: CountingSignal | undefined): Wait {
    const until = this.#clock.now() + (timeout ?? Number.POSITIVE_INFINITY);
    const wait: Wait = { real: watch(promise), until, signal, expected: "waits" };
    this.#waits.push(wait);
    return wait;
  }
}

describe.each(["input", "output"] as const)("an %s port does what plain lists would", (direction) => {
  test.each(["block", "reject", "drop-oldest"] as const)("%s", async (backpressure) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (capacity, list) => {
        const pair = new Pair(direction, backpressure, capacity);
        for (const step of list) {
          await pair.take(step);
          await pair.compare();
        }
      }),
    );
  });
});

test("all 256 priorities are kept apart, first in, first out inside each", () => {
  const port = open({ capacity: 512 });
  for (let i = 0; i < 512; i++) port.tryPush(numbered(i, { priority: (i * 37) % 256 }));
  const taken = Array.from({ length: 512 }, () => port.tryTake() as AnyMessage);
  const sorted = [...taken].sort((a, b) => b.priority - a.priority || numberOf(a) - numberOf(b));
  expect(taken.map(numberOf)).toEqual(sorted.map(numberOf));
});

test("at most so many senders wait; one more is refused", async () => {
  const port = open({ capacity: 1 });
  const message = numbered(0);
  await port.push(message);
  const parked = Promise.allSettled(Array.from({ length: MAX_WAITERS }, () => port.push(message)));
  await expect(port.push(message)).rejects.toMatchObject({
    code: "QUEUE_FULL",
    kernelId: "k",
    details: { queueSize: 1 },
  });
  expect(await port.stats()).toMatchObject({ rejected: 1, ledger: { accepted: 1, queued: 1 } });
  const error = new errors.TERMINATED({ operation: "send" });
  await port.seal(() => error);
  expect((await parked).every(({ status }) => status === "rejected")).toBe(true);
});

describe("a wait that cannot begin", () => {
  const aborted = AbortSignal.abort();
  test.each<[string, string, WaitOptions]>([
    ["negative time-out", "INVALID_ARGUMENT", { timeout: -1 }],
    ["time-out NaN", "INVALID_ARGUMENT", { timeout: Number.NaN }],
    ["no signal", "INVALID_ARGUMENT", { signal: {} as AbortSignal }],
    ["aborted signal", "ABORTED", { signal: aborted }],
  ])("%s: %s, and the message leaves no trace", async (_, code, wait) => {
    const port = open();
    expect(await codeOf(() => port.push(numbered(0), wait))).toBe(code);
    expect(await codeOf(() => port.idle(wait))).toBe(code);
    expect((await port.stats()).ledger.accepted).toBe(0);
  });
});

test("the time in the queue is measured for one message in 64", async () => {
  const clock = virtualClock(1000);
  const port = new MemoryPort(specOf({ direction: "output", capacity: 100, telemetry: { window: 1000 } }), clock);
  for (let i = 0; i < 65; i++) port.tryPush(numbered(i));
  await clock.advance(10);
  port.tryTake();
  await clock.advance(10);
  while (port.tryTake() !== undefined);
  const { wait, throughput } = await port.stats();
  expect(wait.max).toBe(20);
  expect(wait.p50).toBeGreaterThan(9);
  expect(wait.p50).toBeLessThan(11);
  expect(throughput.overall).toBeCloseTo(65 / 0.02);
});

test("with telemetry off nothing is measured, and the accounts are kept", async () => {
  const port = open();
  port.tryPush(numbered(0));
  expect(await port.stats()).toMatchObject({
    ledger: { accepted: 1, queued: 1 },
    throughput: { recent: 0, overall: 0 },
    wait: { p50: 0, p90: 0, p99: 0, max: 0, octaves: [] },
  });
});

function specOf(options: Partial<PortSpec> = {}): PortSpec {
  const dropped = () => {};
  return {
    kernelId: "k",
    direction: "input",
    capacity: 2,
    backpressure: "block",
    telemetry: undefined,
    dropped,
    ...options,
  };
}

/** An output: its gate is open. */
function open(options: Partial<PortSpec> = {}): MemoryPort {
  return new MemoryPort(specOf({ direction: "output", ...options }), virtualClock(1000));
}
