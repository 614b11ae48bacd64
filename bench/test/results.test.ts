import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { upgradeReport } from "../src/report/read-report.js";
import { SCHEMA } from "../src/report/report.js";

const folder = new URL("../results/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), "utf8"));

describe("kept results", () => {
  it.each(files)("%s follows the method of its version, and can be read or is refused by its number", (name) => {
    const kept = read(name) as { readonly schema?: number };
    if (kept.schema !== SCHEMA && kept.schema !== 2) {
      expect(() => upgradeReport(kept, name)).toThrow(name);
      return;
    }
    const { passes, interrupted, commit } = upgradeReport(kept, name);
    // version 2 was kept with fewer, which its page says; whatever is kept from now on has three
    if (kept.schema === SCHEMA) expect({ passes, interrupted }).toEqual({ passes: 3, interrupted: false });
    if (kept.schema === SCHEMA) expect(commit).not.toMatch(/\+$/);
  });
});
