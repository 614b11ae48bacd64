import type { Keep, Keeper, KeptLog, LogEvents } from "@ringline/core";
import { memoryKeeper } from "@ringline/core/testing";
import { describe, expect, test } from "vitest";
import { type KeeperCase, keeperCases, runKeeperCase } from "../src/keepers/keeper-cases.js";
import { describeKeeper } from "../src/vitest.js";

describeKeeper({ name: "a keeper in memory", create: memoryKeeper });

/** A sound keeper but for one fault. */
interface BrokenKeeper {
  readonly name: string;
  readonly caughtBy: string;
  log?(log: KeptLog): Partial<KeptLog>;
  events?(events: LogEvents): Partial<LogEvents>;
  keeper?(keeper: Keeper, all: Map<string, unknown>): Partial<Keeper>;
}

const APPENDED = "what was appended is found by the next program, whole and in order";
const PLACES = "pieces that are appended at once are kept in that order, each at a later place";
const TRIMMED = "what is trimmed is gone, what comes after it is not";
const APART = "logs are apart, whatever their names";
const LARGE = "a large piece comes again whole";
const ASKED = "whoever has a log is asked for it, and what is appended before it is let go is found";
const FENCED = "a program that does not let go is fenced: nothing that it appends is kept, and it is told";
const PACKED = "values are packed as they are at that moment, and come again equal; what cannot be kept is refused";
const LETTERS = "dead letters come again in the next program, whole and in order; what has left does not";
const CLOSED = "a closed log is free at once, and nothing is appended to it any more";

const broken: readonly BrokenKeeper[] = [
  { name: "keeps nothing", caughtBy: APPENDED, log: () => ({ append: async () => ({ sequence: 1, bytes: 1 }) }) },
  {
    name: "forgets what is undefined",
    caughtBy: APPENDED,
    log: (log) => ({ append: (records) => log.append(JSON.parse(JSON.stringify(records))) }),
  },
  {
    name: "says at once that a piece is kept",
    caughtBy: APPENDED,
    log: (log) => ({
      append: async (records) => {
        setTimeout(() => void log.append(records), 20);
        return { sequence: 1, bytes: 1 };
      },
    }),
  },
  {
    name: "gives each piece the same place",
    caughtBy: PLACES,
    log: (log) => ({ append: async (records) => ({ ...(await log.append(records)), sequence: 1 }) }),
  },
  { name: "finds the newest first", caughtBy: PLACES, log: (log) => ({ found: [...log.found].reverse() }) },
  { name: "never trims", caughtBy: TRIMMED, log: () => ({ trim: () => {} }) },
  { name: "trims one piece too many", caughtBy: TRIMMED, log: (log) => ({ trim: (last) => log.trim(last + 1) }) },
  {
    name: "takes upper and lower case for the same",
    caughtBy: APART,
    keeper: (keeper) => ({ open: (name, events) => keeper.open(name.toLowerCase(), events) }),
  },
  {
    name: "cuts large records",
    caughtBy: LARGE,
    log: (log) => ({
      append: (records) =>
        log.append(records.map((one) => one.map((part) => (typeof part === "string" ? part.slice(0, 65_536) : part)))),
    }),
  },
  { name: "does not ask", caughtBy: ASKED, events: () => ({ wanted: async () => {} }) },
  { name: "does not tell who lost", caughtBy: FENCED, events: () => ({ lost: () => {} }) },
  {
    name: "lets anybody write",
    caughtBy: FENCED,
    keeper: (keeper, all) => ({
      open: async (name, events) => {
        const log = await keeper.open(name, events);
        all.set(name, log);
        return { ...log, append: (records) => (all.get(name) as KeptLog).append(records) };
      },
    }),
  },
  {
    name: "packs by reference",
    caughtBy: PACKED,
    keeper: () => ({ pack: (value) => value, unpack: (value) => value }),
  },
  {
    name: "packs what it cannot keep",
    caughtBy: PACKED,
    keeper: () => ({ pack: (value) => JSON.stringify(value) ?? "null", unpack: (text) => JSON.parse(text as string) }),
  },
  {
    name: "packs as JSON",
    caughtBy: LETTERS,
    keeper: () => ({ pack: (value) => JSON.stringify(value), unpack: (text) => JSON.parse(text as string) }),
  },
  { name: "holds what was closed", caughtBy: CLOSED, log: () => ({ close: async () => {} }) },
];

function keepWith({ log, events, keeper }: BrokenKeeper): Keep {
  const memory = memoryKeeper();
  const all = new Map<string, unknown>();
  return {
    name: "broken",
    async open(core) {
      const sound = await memory.open(core);
      const spoiled: Keeper = {
        ...sound,
        async open(name, told) {
          const whole: LogEvents = {
            writeFailed: (error) => told.writeFailed(error),
            wanted: () => told.wanted(),
            lost: (cause) => told.lost(cause),
            emptied: () => told.emptied(),
          };
          const opened = await sound.open(name, { ...whole, ...events?.(whole) });
          return { ...opened, ...log?.(opened) };
        },
      };
      return { ...spoiled, ...keeper?.(spoiled, all) };
    },
  };
}

describe("broken keepers", () => {
  test.each(broken)("is caught: $name", async (one) => {
    const caught = keeperCases.find(({ name }) => name === one.caughtBy) as KeeperCase;
    await expect(runKeeperCase({ name: one.name, create: () => keepWith(one) }, caught)).rejects.toThrow();
  });

  test("each case but the one of races catches one", () => {
    const names = keeperCases.map(({ name }) => name).filter((name) => !name.startsWith("of two that take"));
    expect([...new Set(broken.map(({ caughtBy }) => caughtBy))].sort()).toEqual(names.sort());
  });
});
