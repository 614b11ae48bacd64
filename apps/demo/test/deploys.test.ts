import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("stress/deploys.mjs", import.meta.url));

test("a program takes a durable flow over from the one before, under traffic: each output is read once", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "--deploys", "3"], { encoding: "utf8" });
  expect(`${stdout}${stderr}`).not.toContain("FAULT");
  expect(status).toBe(0);
});
