import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

test("the first program of the README runs, and is this file", async () => {
  const log = vi.spyOn(console, "log").mockReturnValue();
  await import("../src/first-program.js");
  expect(log.mock.calls).toEqual([[3]]);
  expect(read("../../../README.md")).toContain(`\`\`\`ts\n${read("../src/first-program.ts")}\`\`\``);
});
