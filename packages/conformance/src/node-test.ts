import { describe, test } from "node:test";
import { laws } from "./case.js";
import { KEEPER_LIMIT, type KeeperSubject, keeperCases, runKeeperCase } from "./keepers/keeper-cases.js";
import { processProbe } from "./probe.js";
import { longest, runCase } from "./run-case.js";
import { type Selection, selectCases } from "./run-suite.js";
import type { Subject } from "./subject.js";

/** The suite as tests of `node:test`: call it at the top of a test file. In CI an unexplained skip is a failure. */
export function describeBackend(subject: Subject, selection: Selection = {}): void {
  const probe = processProbe();
  const strict = Boolean(process.env["CI"]);
  void describe(subject.name, () => {
    for (const one of selectCases(selection)) {
      const name = `law ${one.law}, ${laws[one.law].toLowerCase()}: ${one.name}`;
      void test(name, { timeout: longest(one) }, async (context) => {
        const result = await runCase(subject, one, { probe, strict });
        if (result.outcome === "failed") throw result.error;
        if (result.outcome === "skipped") context.skip(result.reason);
      });
    }
  });
}

/** Registers the requirements on a keeper as tests of `node:test`: call it at the top of a test file. */
export function describeKeeper(subject: KeeperSubject): void {
  void describe(subject.name, () => {
    for (const one of keeperCases) void test(one.name, { timeout: KEEPER_LIMIT }, () => runKeeperCase(subject, one));
  });
}
