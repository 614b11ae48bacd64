import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { create } from "../src/create.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "create-ringline-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("writes the starter, under a name that npm allows", async () => {
  const target = await create(join(folder, "My app"));
  const { name, dependencies } = JSON.parse(readFileSync(join(target, "package.json"), "utf8"));
  expect(name).toBe("my-app");
  for (const version of Object.values(dependencies)) expect(version).toMatch(/./);
  expect(readFileSync(join(target, ".gitignore"), "utf8")).toContain("node_modules");
  expect(readFileSync(join(target, "src/main.ts"), "utf8")).toContain("--backend");
});

test.each([
  [[], [false, false]],
  [["sqlite"], [true, false]],
  [
    ["sqlite", "nats"],
    [true, true],
  ],
] as const)("with %j: what was asked for, and nothing of the others", async (chosen, [sqlite, nats]) => {
  const target = await create(folder, chosen);
  const { scripts, dependencies } = JSON.parse(readFileSync(join(target, "package.json"), "utf8"));
  expect([existsSync(join(target, "src/kept.ts")), "kept" in scripts, "@ringline/sqlite" in dependencies]).toEqual([
    sqlite,
    sqlite,
    sqlite,
  ]);
  expect([existsSync(join(target, "src/hosts.ts")), "hosts" in scripts, "@ringline/nats" in dependencies]).toEqual([
    nats,
    nats,
    nats,
  ]);
});

test("touches no folder that holds something", async () => {
  writeFileSync(join(folder, "mine.txt"), "");
  await expect(create(folder)).rejects.toThrow("not empty");
});
