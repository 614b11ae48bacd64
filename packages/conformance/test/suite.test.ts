import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { laws } from "../src/case.js";
import { allCases } from "../src/suite.js";

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
