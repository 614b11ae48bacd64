import { type AnyMessage, ledgerOf } from "@ringline/core/internal";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { RELEASED, STEP } from "../../src/account/port-block.js";
import { SharedAccount } from "../../src/account/shared-account.js";
import { LogWriter } from "../../src/ring/log-writer.js";
import { BenchPort, type Kind } from "./bench-port.js";
import { killedAfter, revive, watchStores } from "./points.js";

let undo = () => {};
beforeAll(() => {
  undo = watchStores();
});
afterAll(() => undo());
afterEach(() => vi.restoreAllMocks());

type Strategy = Kind["strategy"];

/**
 * A transition, with the operations before it and at each point. Messages that are put back into an output are in no
 * log: outputs live with the host, which is lost as a whole.
 */
interface Case {
  readonly name: string;
  readonly direction: "input" | "output" | "both";
  readonly only?: Strategy;
  /** In how many states it can be found. */
  readonly states?: number;
  readonly before: (port: BenchPort) => AnyMessage[];
  readonly act: (port: BenchPort, held: readonly AnyMessage[]) => void;
}

const taken = (port: BenchPort): AnyMessage => port.inbox.tryTake() as AnyMessage;
const fill = (port: BenchPort, count: number) => {
  for (let i = 0; i < count; i++) if (!port.send()) throw new Error("no room");
};
const sent = (count: number) => (port: BenchPort) => {
  fill(port, count);
  return [];
};
const sentAndTaken = (count: number, held: number) => (port: BenchPort) => {
  fill(port, count);
  return Array.from({ length: held }, () => taken(port));
};
/** One that was tried twice and lost its home in between. */
const requeuedBefore = (port: BenchPort) => {
  fill(port, 3);
  const [first, second] = [taken(port), taken(port)];
  port.inbox.settle(second, "requeued", 1);
  port.inbox.settle(first, "requeued", 3);
  port.takeOver(true);
  return [];
};

const cases: readonly Case[] = [
  { name: "take", direction: "both", before: sent(3), act: (port) => void taken(port) },
  { name: "take two", direction: "both", before: sent(3), act: (port) => void [taken(port), taken(port)] },
  { name: "take again", direction: "input", before: requeuedBefore, act: (port) => void taken(port) },
  {
    name: "done",
    direction: "input",
    before: sentAndTaken(3, 2),
    act: ({ inbox }, [one]) => void inbox.settle(one!, "done"),
  },
  {
    ...{ name: "done out of order", direction: "input", before: sentAndTaken(4, 3) },
    act: ({ inbox }, [, one]) => void inbox.settle(one!, "done"),
  },
  {
    ...{ name: "dead letter", direction: "input", before: sentAndTaken(3, 2) },
    act(port, [one]) {
      port.inbox.settle(one!, "dead-lettered");
      port.tell(one!);
    },
  },
  {
    ...{ name: "expired", direction: "input", before: sentAndTaken(3, 2) },
    act(port, [one]) {
      port.inbox.settle(one!, "expired");
      port.tell(one!);
    },
  },
  {
    ...{ name: "requeue", direction: "input", before: sentAndTaken(3, 2) },
    act: ({ inbox }, [one]) => void inbox.settle(one!, "requeued", 2),
  },
  {
    ...{ name: "requeue, take, requeue", direction: "input", before: sentAndTaken(3, 2) },
    act(port, [one]) {
      port.inbox.settle(one!, "requeued", 2);
      port.inbox.settle(taken(port), "requeued", 3);
    },
  },
  { name: "drop", direction: "both", only: "drop-oldest", before: sent(7), act: ({ inbox }) => inbox.withdraw() },
  { name: "remove", direction: "both", before: sent(3), act: (port) => port.remove() },
  { name: "compact", direction: "both", states: 1, before: sent(3), act: (port) => port.compact() },
  {
    ...{ name: "compact in hand", direction: "input", states: 1, before: sentAndTaken(4, 2) },
    act: (port) => port.compact(),
  },
  {
    ...{ name: "compact again", direction: "input", states: 1, before: requeuedBefore },
    act(port) {
      port.compact();
      port.compact();
    },
  },
  {
    ...{ name: "compact, take, requeue, done", direction: "input", before: sentAndTaken(3, 1) },
    act(port, [one]) {
      port.compact();
      port.inbox.settle(taken(port), "requeued", 2);
      port.compact();
      port.inbox.settle(one!, "done");
    },
  },
];

const strategies: readonly Strategy[] = ["block", "reject", "drop-oldest"];
const kinds: readonly Kind[] = strategies.flatMap((strategy) => [
  { strategy, isInput: true, isFlow: false },
  { strategy, isInput: true, isFlow: true },
  { strategy, isInput: false, isFlow: false },
]);

interface Seen {
  readonly where: string;
  readonly ledger: string;
  readonly flow: string;
}

/** All that can be seen of a port from outside, once it is quiet. */
function look(port: BenchPort): Seen {
  const { block, inbox, counts } = port;
  const { cells } = block;
  const ledger = ledgerOf(cells, block.depth);
  const live = counts.words[counts.liveAt(0)]! - 1;
  const [region, load] = [counts.inRegion(0, 0) - 1, counts.load(0)];
  const hand = inbox.inFlight().map(([message]) => (message as unknown as { n: number }).n);
  const attempts = inbox.inFlight().map(([message]) => inbox.attemptsOf(message));
  const queued = inbox.moveOut();
  const numbers = (entries: typeof queued.again) =>
    entries.map((entry) => `${(inbox.read(entry) as unknown as { n: number }).n}:${entry.attempts}`);
  expect(port.isSound).toBe(true);
  expect(ledger.inHand).toBe(hand.length);
  expect(ledger.queued).toBe(queued.again.length + queued.queued.length);
  expect(block.depth).toBe(queued.queued.length);
  const told = (list: readonly number[]) => list.reduce((sum, times) => sum + (times ?? 0), 0);
  expect([...port.drops, ...port.letters].filter((times) => times > 1)).toEqual([]);
  expect(told(port.letters)).toBe(ledger.deadLettered);
  expect(told(port.drops)).toBe(ledger.dropped);
  if (port.kind.isFlow) {
    const dead = ledger.deadLettered + ledger.dropped; // whose nodes the host makes them leave
    expect([live, load, region]).toEqual(Array(3).fill(ledger.queued + ledger.inHand + dead));
  }
  return {
    where: JSON.stringify({ hand, attempts, again: numbers(queued.again), queued: numbers(queued.queued) }),
    ledger: JSON.stringify(ledger),
    flow: `${live}`,
  };
}

/** Runs a case until its `at`th store, and what takes over from it. Undefined when it had fewer. */
function run({ before, act }: Case, kind: Kind, at: number): Seen | undefined {
  const port = new BenchPort(kind);
  port.watched();
  const held = before(port);
  const isKilled = killedAfter(at, () => act(port, held));
  revive();
  if (!isKilled) return undefined;
  port.takeOver();
  return look(port);
}

function named<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`${name}: ${error}`, { cause: error });
  }
}

let points = 0;
afterAll(() => console.log(`crash points: ${points}`));

function runAll(): void {
  for (const one of cases) {
    for (const kind of kinds) {
      if (one.direction !== "both" && (one.direction === "input") !== kind.isInput) continue;
      if (one.only !== undefined && one.only !== kind.strategy) continue;
      const states = new Set<string>();
      for (let at = 1; ; at++) {
        const seen = named(`${one.name}, ${JSON.stringify(kind)}, store ${at}`, () => run(one, kind, at));
        if (seen === undefined) break;
        states.add(`${seen.where} ${seen.ledger}`);
        points++;
      }
      const seen = `${one.name}, ${JSON.stringify(kind)}: states ${[...states].join("\n")}`;
      expect(states.size, seen).toBeGreaterThan(0);
      if (one.states !== undefined) expect(states.size, seen).toBe(one.states);
    }
  }
}

describe("the home of a port that is lost at any store", () => {
  test("nothing is lost, nothing doubled, the ledger exact and each drop and letter told once", () => {
    runAll();
    expect(points).toBeGreaterThan(500);
  });

  test("counts that are written before the state are found", () => {
    const step = SharedAccount.prototype.step;
    vi.spyOn(SharedAccount.prototype, "step").mockImplementation(function (this: SharedAccount, ...args) {
      const { a, x } = args[0];
      this.cells[a]! += x; // before anything is noted
      this.cells[a]! -= x;
      step.apply(this, args);
    });
    expect(runAll).toThrow();
  });

  test("a lost “again” is found", () => {
    const step = SharedAccount.prototype.step;
    vi.spyOn(SharedAccount.prototype, "step").mockImplementation(function (this: SharedAccount, ...args) {
      args[3] = 0;
      step.apply(this, args);
    });
    expect(runAll).toThrow();
  });

  test("a message that is settled before it lies where it is moved to is found", () => {
    const publish = LogWriter.prototype.publish;
    vi.spyOn(LogWriter.prototype, "publish").mockImplementation(function (this: LogWriter, ticket, entering) {
      expected?.settle();
      return publish.call(this, ticket, entering);
    });
    let expected: { settle(): void } | undefined;
    const copy = LogWriter.prototype.copy;
    vi.spyOn(LogWriter.prototype, "copy").mockImplementation(function (this: LogWriter, frame, by) {
      copy.call(this, frame, by);
      expected = frame;
    });
    expect(runAll).toThrow();
  });

  test("a place given back twice is found", () => {
    const recover = SharedAccount.prototype.recover;
    vi.spyOn(SharedAccount.prototype, "recover").mockImplementation(function (this: SharedAccount, ...args) {
      const words = new Int32Array(this.cells.buffer);
      const step = words[STEP];
      const released = words[RELEASED]!;
      recover.apply(this, args);
      if (step !== 0) Atomics.store(words, RELEASED, released + 1);
    });
    expect(runAll).toThrow();
  });
});

describe("a sender that is lost at any store", () => {
  test("takes no place and counts no message that was not published", () => {
    let sends = 0;
    for (const kind of kinds) {
      for (const before of [0, 2, 3]) {
        for (let at = 1; ; at++) {
          const port = new BenchPort(kind);
          fill(port, before);
          port.watchedSender();
          const isKilled = killedAfter(at, () => void port.send());
          revive();
          if (!isKilled) break;
          port.withdraw();
          sends++;
          const { block, counts } = port;
          const there = [];
          for (let one = port.inbox.tryTake(); one !== undefined; one = port.inbox.tryTake()) there.push(one);
          expect([before, before + 1]).toContain(there.length);
          expect(port.isSound).toBe(true);
          expect(block.depth).toBe(0);
          if (kind.isFlow) expect(counts.load(0)).toBe(there.length);
          let more = 0;
          while (port.send()) more++;
          expect(more).toBe(port.limit);
        }
      }
    }
    points += sends;
    expect(sends).toBeGreaterThan(100);
  });
});
