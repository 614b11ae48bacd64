import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("./stress/windows.mjs", import.meta.url));

test("windows of each kind over all flights are those of a database, on each backend", { timeout: 600_000 }, () => {
  const printed = execFileSync(process.execPath, [program], { encoding: "utf8" });
  const lines = printed.trimEnd().split("\n");
  expect(lines.length).toBe(8);
  for (const line of lines)
    expect(line).toMatch(/^\w+, [\w-]+: 200000 flights, [1-9]\d+ windows as in DuckDB, [\d.]+ s$/);
});
