import type { Keep, Piece } from "@ringline/core";
import {
  deepEqual,
  equal,
  fail,
  ok,
  PATIENCE,
  patience,
  sleep,
  staysPending,
  throws,
  until,
  within,
} from "../assert.js";
import { longestPatience } from "../patience.js";
import { range } from "../support/handle.js";
import { deadLetterCases } from "./dead-letters.js";
import { append, type KeeperCase, Program, recordsOf } from "./program.js";

export type { KeeperCase };

/** The keeper under test. */
export interface KeeperSubject {
  readonly name: string;
  /** A fresh store: each keeper that is opened on it is one of another program. */
  create(): Keep | Promise<Keep>;
}

/** Milliseconds for a program that does not release a log: keepers wait a few seconds for one. */
const STUBBORN = 10_000;

export const keeperCases: readonly KeeperCase[] = [
  {
    name: "what was appended is found by the next program, whole and in order",
    async run(keep) {
      const first = await Program.start(keep);
      const log = await first.open("orders");
      deepEqual(log.found, [], "a new log");
      const records = [
        ["a", 1, undefined, null, "ä\u0000\ud83d\ude00", -1.5, Number.MAX_SAFE_INTEGER, true],
        ["b", [1, ["deep", undefined], null], first.keeper.pack({ list: [1, 2] })],
      ] as const;
      await append(log, ...records);
      await append(log, ["c"]);
      await first.end(log);
      const next = await Program.start(keep);
      const found = recordsOf((await next.open("orders")).found);
      equal(found.length, 3, "records");
      deepEqual(found[0], records[0], "the first");
      deepEqual(found[1]?.slice(0, 2), records[1].slice(0, 2), "the second");
      deepEqual(next.keeper.unpack(found[1]?.[2]), { list: [1, 2] }, "what was packed");
      deepEqual(found[2], ["c"], "the last");
      await next.end();
    },
  },
  {
    name: "pieces that are appended at once are kept in that order, each at a later place",
    async run(keep) {
      const first = await Program.start(keep);
      const log = await first.open("orders");
      ok(log.ahead >= 1 && log.linger >= 0, "numbers in range");
      const pieces = [];
      for (let n = 0; n < 60; n += log.ahead) {
        const together = range(log.ahead).map((i) => log.append([[n + i], [-n - i]]));
        pieces.push(...(await within(PATIENCE, Promise.all(together), "pieces to be kept")));
      }
      for (const [i, piece] of pieces.entries()) {
        ok(piece.sequence > (pieces[i - 1]?.sequence ?? -1), `place ${i} is a later one`);
        ok(piece.bytes > 0, "a piece has bytes");
      }
      await first.end(log);
      const next = await Program.start(keep);
      const { found } = await next.open("orders");
      const places = found.filter(({ records }) => records.length > 0).map(({ sequence }) => sequence);
      deepEqual(
        places,
        pieces.map(({ sequence }) => sequence),
        "places",
      );
      deepEqual(
        recordsOf(found).map(([n]) => n),
        range(pieces.length).flatMap((n) => [n, -n]),
        "records",
      );
      await next.end();
    },
  },
  {
    name: "what is trimmed is gone, what comes after it is not",
    async run(keep) {
      const first = await Program.start(keep);
      const log = await first.open("orders");
      const places: number[] = [];
      for (const n of range(6)) places.push((await append(log, [n])).sequence);
      log.trim(places[3] as number);
      await append(log, [6]);
      await first.end(log);
      const next = await Program.start(keep);
      const left = await next.open("orders");
      deepEqual(recordsOf(left.found), [[4], [5], [6]], "what is left");
      const last = await append(left, [7]);
      left.trim(last.sequence);
      await append(left, [8]);
      await next.end(left);
      const third = await Program.start(keep);
      deepEqual(recordsOf((await third.open("orders")).found), [[8]], "what is left of all");
      await third.end();
    },
  },
  {
    name: "logs are apart, whatever their names",
    async run(keep) {
      const names = ["a", "A", "a b", "a.b", "a/b", "a>*", "ä", "=", "x".repeat(60)];
      const first = await Program.start(keep);
      const logs = [];
      for (const name of names) logs.push(await first.open(name));
      const [ofFirst] = await Promise.all(logs.map((log, i) => append(log, [names[i]])));
      logs[0]?.trim((ofFirst as Piece).sequence);
      await append(logs[1]!, ["more"]);
      await first.end(...logs);
      const next = await Program.start(keep);
      for (const [i, name] of names.entries()) {
        const wanted = i === 0 ? [] : i === 1 ? [[name], ["more"]] : [[name]];
        deepEqual(recordsOf((await next.open(name)).found), wanted, `the log "${name}"`);
      }
      await next.end();
    },
  },
  {
    name: "a large piece comes again whole",
    async run(keep) {
      const first = await Program.start(keep);
      const log = await first.open("orders");
      const text = "ringline ".repeat(300_000);
      await append(log, ["before"], [text]);
      await append(log, ["behind"]);
      await first.end(log);
      const next = await Program.start(keep);
      const found = recordsOf((await next.open("orders")).found);
      deepEqual(
        found.map(([one]) => (one === text ? "large" : one)),
        ["before", "large", "behind"],
        "records",
      );
      await next.end();
    },
  },
  {
    name: "whoever has a log is asked for it, and what is appended before it is let go is found",
    async run(keep) {
      const first = await Program.start(keep);
      const log = await first.open("orders");
      await append(log, [1]);
      first.onWanted = async () => {
        await append(log, [2]);
      };
      const next = await Program.start(keep);
      const begin = performance.now();
      const { found } = await next.open("orders");
      ok(performance.now() - begin < patience(), "it need not be waited for as if it were dead");
      deepEqual(first.told, ["wanted"], "what the first was told");
      deepEqual(recordsOf(found), [[1], [2]], "what was found");
      await Promise.all([first.end(), next.end()]);
    },
  },
  {
    name: "a program that does not let go is fenced: nothing that it appends is kept, and it is told",
    async run(keep) {
      const first = await Program.start(keep);
      const log = await first.open("orders");
      await append(log, [1]);
      first.onWanted = () => new Promise(() => {});
      const next = await Program.start(keep);
      const taken = await within(STUBBORN, next.keeper.open("orders", next), "the log, at last");
      deepEqual(recordsOf(taken.found), [[1]], "what was found");
      const late = log.append([["late"]]);
      await append(taken, [2]);
      await until("the first is told", () => first.told.includes("lost"));
      await staysPending(late, "what the first appended");
      await next.end(taken);
      const third = await Program.start(keep);
      deepEqual(recordsOf((await third.open("orders")).found), [[1], [2]], "what is kept");
      await Promise.all([first.end(log), third.end()]);
    },
  },
  {
    name: "of two that take a log at the same time one has it in the end",
    async run(keep) {
      const programs = [await Program.start(keep), await Program.start(keep)];
      const opened = await within(
        STUBBORN,
        Promise.allSettled(programs.map((program) => program.keeper.open("orders", program))),
        "both",
      );
      const logs = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      ok(logs.length > 0, "one has it");
      // the program that was asked releases the log by itself
      const appended = await Promise.all(
        logs.map((log, i) => Promise.race([log.append([[i]]).then(() => i), sleep(1000).then(() => -1)])),
      );
      const kept = appended.filter((i) => i >= 0);
      for (const program of programs) await program.end();
      const third = await Program.start(keep);
      deepEqual(
        recordsOf((await third.open("orders")).found),
        kept.map((i) => [i]),
        "what is kept",
      );
      ok(kept.length >= 1, "one has appended");
      await third.end();
    },
  },
  {
    name: "values are packed as they are at that moment, and come again equal; what cannot be kept is refused",
    async run(keep) {
      const { keeper } = await Program.start(keep);
      const value = { n: 1, when: new Date(7), map: new Map([[1, { deep: [1, 2] }]]), bytes: new Uint8Array([1, 2]) };
      const packed = keeper.pack(value);
      value.n = 2;
      value.map.set(2, { deep: [] });
      value.bytes[0] = 9;
      const wanted = { n: 1, when: new Date(7), map: new Map([[1, { deep: [1, 2] }]]), bytes: new Uint8Array([1, 2]) };
      deepEqual(keeper.unpack(packed), wanted, "the value");
      deepEqual(keeper.unpack(packed), wanted, "the value, once more");
      equal(keeper.unpack(keeper.pack("text")), "text");
      equal(keeper.unpack(keeper.pack(undefined)), undefined);
      const error = await throws(() => keeper.pack({ inner: { call: () => 1 } }), "SERIALIZATION", "a function");
      equal(error.details.path, "inner.call", "where it is");
      await keeper.close();
    },
  },
  {
    name: "a closed log is free at once, and nothing is appended to it any more",
    async run(keep) {
      const first = await Program.start(keep);
      const log = await first.open("orders");
      await append(log, [1]);
      await log.close();
      const late = log.append([["late"]]);
      const next = await Program.start(keep);
      const begin = performance.now();
      const again = await next.open("orders");
      ok(performance.now() - begin < patience(PATIENCE / 2), "nobody was waited for");
      deepEqual(recordsOf(again.found), [[1]], "what was found");
      await staysPending(late, "what was appended to the closed log");
      ok(!first.told.includes("wanted") && !first.told.includes("lost"), "it was told nothing");
      await next.end(again);
      await first.end();
      const third = await Program.start(keep);
      deepEqual(recordsOf((await third.open("orders")).found), [[1]], "what is kept");
      await third.end();
    },
  },
  ...deadLetterCases,
];

const LIMIT = 55_000;
/** Maximum duration of a case on any machine, in milliseconds. */
export const KEEPER_LIMIT = longestPatience(LIMIT + 5000);

/** Runs a case on a fresh store. Rejects if the keeper breaks the requirement. */
export async function runKeeperCase(subject: KeeperSubject, { name, run }: KeeperCase): Promise<void> {
  const keep = await subject.create();
  if (typeof keep?.open !== "function") fail(`create of "${subject.name}" returned no keeper`);
  await within(LIMIT, run(keep), name);
}
