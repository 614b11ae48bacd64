import { describe, expect, test } from "vitest";
import { type Case, laws } from "../src/case.js";
import { memoryBackend } from "../src/keepers/memory-backend.js";
import { processProbe } from "../src/probe.js";
import { type Outcome, runCase } from "../src/run-case.js";
import { allCases } from "../src/suite.js";
import { LOSABLE } from "../src/support/losing.js";
import type { BrokenBackend } from "./broken/broken-backend.js";
import { brokenBackends } from "./broken/broken-backends.js";
import { losable } from "./broken/losable-memory.js";
import { memoryDevice } from "./broken/memory-device.js";

const cases = new Map(allCases.map((one) => [`${one.law} ${one.name}`, one]));

/** The case that catches a backend: one of the law that it breaks. */
function catching({ law, caughtBy }: BrokenBackend): Case {
  const found = cases.get(`${law} ${caughtBy}`);
  if (found === undefined) throw new Error(`Law ${law} has no case "${caughtBy}".`);
  return found;
}

/** Leaks, and how long something takes, can only be judged where nothing else runs. */
const isAlone = (one: BrokenBackend) => one.law === 10 || one.isTimed === true;
const title = ({ law, name }: BrokenBackend) => `law ${law}: a backend that breaks it is caught: ${name}`;

/** All at once: most of them fail by waiting in vain, which they may do side by side. */
function runAll(): Map<BrokenBackend, Promise<Outcome>> {
  const running = brokenBackends.filter((one) => !isAlone(one)).map((one) => [one, run(one)] as const);
  return new Map(running);
}

async function run(one: BrokenBackend): Promise<Outcome> {
  return runCase(one, catching(one));
}

// first of all: cases that have failed run on
describe("broken backends, one after the other", () => {
  for (const one of brokenBackends.filter(isAlone)) {
    test(title(one), async () => {
      const outcome = await runCase(one, catching(one), { probe: processProbe() });
      expect(outcome).toMatchObject({ outcome: "failed" });
    });
  }
});

describe("broken backends", () => {
  let outcomes: ReturnType<typeof runAll> | undefined;
  for (const one of brokenBackends.filter((one) => !isAlone(one))) {
    test(title(one), async () => {
      outcomes ??= runAll();
      expect(await outcomes.get(one)).toMatchObject({ outcome: "failed" });
    });
  }
});

describe("a sound backend", () => {
  const memory = { name: "sound", create: memoryBackend };
  for (const one of new Set(brokenBackends.map(catching))) {
    const sound = one.requires === LOSABLE ? { name: "sound, losable", ...losable() } : memory;
    test(`law ${one.law}: passes: ${one.name}`, async () => {
      expect(await runCase(sound, one)).toEqual({ outcome: "passed" });
    });
  }
});

describe("a sound device", () => {
  const sound = { name: "sound", create: () => memoryDevice() };
  for (const one of allCases.filter(({ name }) => name.startsWith("compute:"))) {
    test(`law ${one.law}: passes: ${one.name}`, async () => {
      expect(await runCase(sound, one)).toEqual({ outcome: "passed" });
    });
  }
});

test("every law of the suite has broken backends, each with a name of its own", () => {
  const suite = new Set(allCases.map(({ law }) => law));
  expect(new Set(brokenBackends.map(({ law }) => law))).toEqual(suite);
  expect(new Set(brokenBackends.map(({ name }) => name)).size).toBe(brokenBackends.length);
});

test("the documentation lists them", async () => {
  await expect(documentation()).toMatchFileSnapshot("../../../docs/conformance-broken-backends.md");
});

test("the documentation lists all cases, with what each is known to catch", async () => {
  const sections = Object.entries(laws).flatMap(([law, title]) => {
    const cases = allCases.filter((one) => one.law === Number(law));
    const rows = cases.map(({ name, requires }) => {
      const caught = brokenBackends.filter((one) => one.law === Number(law) && one.caughtBy === name);
      const needs = requires === undefined ? "" : `\`${requires}\``;
      return `| ${[name, needs, caught.map(({ does }) => does).join("; ")].join(" | ").replaceAll("|  |", "| |")} |`;
    });
    return [
      `## Law ${law}: ${title}`,
      "",
      "| Case | Requires | Caught: a backend that … |",
      "| --- | --- | --- |",
      ...rows,
      "",
    ];
  });
  const page = [
    "# Cases of the conformance suite",
    "",
    "Every case by its law, in the order in which it runs. A case catches a backend that does not do what its name says; the last",
    "column gives [backends broken on purpose](conformance-broken-backends.md) that it is known to catch. A backend that lacks what",
    "a case requires must reject kernels that need it. A test writes and checks this page (`npx vitest run --project conformance",
    "broken -u`).",
    "",
    ...sections,
  ].join("\n");
  await expect(page).toMatchFileSnapshot("../../../docs/conformance-cases.md");
});

function documentation(): string {
  const rows = brokenBackends.map(
    ({ name, law, does, caughtBy }) => `| ${name} | ${law}. ${laws[law]} | ${does} | ${caughtBy} |`,
  );
  return `${[
    "# Broken backends",
    "",
    "The conformance suite is tested itself: these backends are sound but for one fault each, put in at the seam between",
    "core and the backend or into a device in memory, and each is caught by at least one case of the law that it breaks. The",
    "test that runs them writes and checks this page (`npx vitest run --project conformance broken -u`); they are in",
    "`packages/conformance/test/broken`.",
    "",
    "| Backend | Breaks law | What it does | A case that catches it |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n")}\n`;
}
