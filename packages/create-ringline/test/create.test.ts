import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

test("touches no folder that holds something", async () => {
  writeFileSync(join(folder, "mine.txt"), "");
  await expect(create(folder)).rejects.toThrow("not empty");
});
