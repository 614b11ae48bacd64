import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { laws } from "../src/case.js";
import { allCases } from "../src/suite.js";
import { brokenBackends } from "./broken/broken-backends.js";

describe("the cases", () => {
  test("have names of their own", () => {
    const names = allCases.map(({ law, name }) => `law ${law}: ${name}`);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  test("are there for every law", () => {
    const covered = new Set(allCases.map(({ law }) => law));
    const missing = Object.keys(laws).filter((law) => !covered.has(Number(law) as never));
    expect(missing).toEqual([]);
  });

  test("begin with the factory", () => {
    const first = allCases.findIndex(({ name }) => !name.startsWith("factory: "));
    expect(first).toBeGreaterThan(0);
    expect(allCases.slice(first).some(({ name }) => name.startsWith("factory: "))).toBe(false);
  });
});

test("the documentation lists them, with what each is known to catch", async () => {
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
    "suite -u`).",
    "",
    ...sections,
  ].join("\n");
  await expect(page).toMatchFileSnapshot("../../../docs/conformance-cases.md");
});

interface MaybeKernel {
  readonly id: string;
  readonly definedAs: string;
  readonly module: string | undefined;
  readonly handle?: unknown;
  readonly run?: unknown;
}

describe("the kernels", () => {
  const folder = new URL("../src/kernels/", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

  test.each(files)("of %s can be loaded by the URL of their module", async (file) => {
    const exported: Record<string, MaybeKernel | undefined> = await import(new URL(file, folder).href);
    const kernels = Object.values(exported).filter(
      (one) => typeof one?.handle === "function" || typeof one?.run === "function",
    ) as MaybeKernel[];
    for (const { module, id, definedAs } of kernels) {
      expect(module, id).toMatch(/^file:.*[/]src[/]kernels[/].*[.]ts$/);
      const home: Record<string, MaybeKernel | undefined> = await import(module as string);
      const ids = Object.values(home).map((one) => one?.definedAs);
      expect(ids, id).toContain(definedAs);
    }
  });
});
