import fc from "fast-check";
import { expect, test } from "vitest";
import { errors } from "../../src/errors/ringline-error.js";
import type { AnyMessage } from "../../src/messages/any-message.js";
import { MemoryPort } from "../../src/ports/memory-port.js";
import { Receivers } from "../../src/ports/receivers.js";
import type { Inlet } from "../../src/seam/port.js";
import { type VirtualClock, virtualClock } from "../../src/testing/virtual-clock.js";
import { turn } from "../../src/time/turn.js";
import { CountingSignal } from "../support/counting-signal.js";
import { numbered, numberOf } from "../support/messages.js";
import { kind, operations, pick, timeout } from "../support/operations.js";
import { codeOf, quiet, type Watched, watch } from "../support/settling.js";

type Operation =
  | { do: "push" | "tryReceive" | "close" | "stop" }
  | { do: "receive"; timeout: number | undefined; hasSignal: boolean }
  | { do: "gate"; open: boolean }
  | { do: "advance"; by: number }
  | { do: "abort"; pick: number };

interface Receiving {
  readonly real: Watched<AnyMessage>;
  readonly until: number;
  readonly signal: CountingSignal | undefined;
  /** Expected value of `state`, or the number of the message. */
  expected: string | number;
}

const steps = operations<Operation>(
  kind(8, "push"),
  kind(8, "receive", { timeout, hasSignal: fc.boolean() }),
  kind(2, "tryReceive"),
  kind(3, "gate", { open: fc.boolean() }),
  kind(3, "advance", { by: fc.constantFrom(1, 5, 30) }),
  kind(2, "abort", { pick }),
  { weight: 1, arbitrary: fc.constantFrom<Operation>({ do: "close" }, { do: "close" }, { do: "stop" }) },
);

test("those who receive are served first come, first served, through a gate that opens and closes", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const clock = virtualClock(1000);
      const port = input(clock);
      const taken: number[] = [];
      const receivers = new Receivers(port, clock, "k", { received: (message) => void taken.push(numberOf(message)) });
      const queued: number[] = [];
      const all: Receiving[] = [];
      let [pushed, isOpen, isClosed, isShut] = [0, false, false, false];

      const waiting = () => all.filter(({ expected }) => expected === "waits");
      const isReady = () => isOpen && !isShut && queued.length > 0;
      const deliver = () => {
        for (const one of waiting()) if (isReady()) one.expected = queued.shift() as number;
      };

      for (const step of list) {
        switch (step.do) {
          case "push":
            port.tryPush(numbered(pushed));
            queued.push(pushed++);
            deliver();
            break;
          case "receive": {
            const signal = step.hasSignal ? new CountingSignal() : undefined;
            const real = watch(receivers.receive({ timeout: step.timeout, signal: signal?.signal }));
            const until = clock.now() + (step.timeout ?? Number.POSITIVE_INFINITY);
            const receiving: Receiving = { real, until, signal, expected: "waits" };
            if (waiting().length === 0 && isReady()) receiving.expected = queued.shift() as number;
            else if (isClosed) receiving.expected = "TERMINATED";
            else if (step.timeout === 0) receiving.expected = "TIMEOUT";
            all.push(receiving);
            break;
          }
          case "tryReceive": {
            const expected = waiting().length === 0 && isReady() ? queued.shift() : undefined;
            const message = receivers.tryReceive();
            expect(message && numberOf(message)).toBe(expected);
            break;
          }
          case "gate":
            isOpen = step.open;
            await port.gate(isOpen);
            deliver();
            break;
          case "advance":
            await clock.advance(step.by);
            for (const one of waiting()) if (one.until <= clock.now()) one.expected = "TIMEOUT";
            break;
          case "abort": {
            const signalled = waiting().filter(({ signal }) => signal !== undefined);
            const one = signalled[step.pick % signalled.length];
            one?.signal?.abort();
            if (one !== undefined) one.expected = "ABORTED";
            break;
          }
          case "close":
          case "stop":
            isClosed = true;
            isShut ||= step.do === "stop";
            receivers[step.do](() => new errors.TERMINATED({ operation: "receive" }));
            for (const one of waiting()) one.expected = "TERMINATED";
            break;
        }
        await quiet();
        expect(all.map(({ real }) => (real.value === undefined ? real.state : numberOf(real.value)))).toEqual(
          all.map(({ expected }) => expected),
        );
        expect(receivers.size).toBe(waiting().length);
        expect(clock.pending).toBe(waiting().filter(({ until }) => until < Number.POSITIVE_INFINITY).length);
        for (const { signal, expected } of all) {
          expect(signal?.listeners ?? 0).toBe(signal !== undefined && expected === "waits" ? 1 : 0);
        }
      }
      expect(taken).toEqual(Array.from({ length: taken.length }, (_, i) => i));
      expect(taken.length).toBe(pushed - queued.length);
    }),
  );
});

test("nobody is served before those who gave the event loop its turn", async () => {
  const clock = virtualClock(1000);
  const port = input(clock);
  await port.gate(true);
  for (let n = 0; n < 2; n++) port.tryPush(numbered(n));
  const receivers = new Receivers(port, clock, "k");
  while (!turn.spend());
  const first = watch(receivers.receive(undefined));
  expect(receivers.tryReceive()).toBeUndefined();
  expect(receivers.ready()).toBeUndefined();
  const second = watch(receivers.receive(undefined));
  await quiet();
  expect([first.value, second.value].map(numberOf)).toEqual([0, 1]);
});

test("an inlet that finds what came only as something is taken, and says so then", async () => {
  const clock = virtualClock(1000);
  const port = input(clock);
  await port.gate(true);
  const unseen: AnyMessage[] = [];
  const inlet: Inlet = {
    tryTake() {
      for (const message of unseen.splice(0)) port.tryPush(message);
      return port.tryTake();
    },
    whenReadable: (callback) => port.whenReadable(callback),
    settle: (message, outcome) => port.settle(message, outcome),
    attemptsOf: () => 0,
  };
  const receivers = new Receivers(inlet, clock, "k");
  const first = watch(receivers.receive(undefined));
  unseen.push(numbered(0), numbered(1));
  receivers.close(() => new errors.TERMINATED({ operation: "receive" }, { kernelId: "k" }));
  await quiet();
  expect([first.value, receivers.tryReceive()].map(numberOf)).toEqual([0, 1]);
});

test.each([
  ["INVALID_ARGUMENT", { timeout: -1 }],
  ["INVALID_ARGUMENT", { timeout: Number.NaN }],
  ["ABORTED", { signal: AbortSignal.abort() }],
] as const)("a receive that cannot begin: %s %o, and the message stays", async (code, wait) => {
  const clock = virtualClock(1000);
  const port = input(clock);
  await port.gate(true);
  port.tryPush(numbered(0));
  const receivers = new Receivers(port, clock, "k");
  expect(await codeOf(() => receivers.receive(wait))).toBe(code);
  expect((await port.stats()).ledger.queued).toBe(1);
});

function input(clock: VirtualClock): MemoryPort {
  const [telemetry, dropped] = [undefined, () => {}];
  const spec = { kernelId: "k", direction: "input", capacity: 100, backpressure: "block", telemetry, dropped } as const;
  return new MemoryPort(spec, clock);
}
