import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { retriesLater } from "./examples/time-and-faults.js";

test("the example of the virtual clock and of faults does what it says", async () => {
  expect(await retriesLater()).toEqual([1, 3]);
});

test("core's README shows it as it is", () => {
  const text = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
  expect(text("../../core/README.md")).toContain(`\`\`\`ts\n${text("./examples/time-and-faults.ts")}\`\`\``);
});
