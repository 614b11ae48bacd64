import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { factsOf } from "./examples/flows.js";
import { retriesLater } from "./examples/time-and-faults.js";

test("the example of the virtual clock and of faults does what it says", async () => {
  expect(await retriesLater()).toEqual([1, 3]);
});

test("the example of a flow does what it says", async () => {
  expect(await factsOf([" one two ", "three", "four  five six"])).toEqual([
    "2 words, 7 letters",
    "1 words, 5 letters",
    "3 words, 14 letters",
  ]);
});

test("core's README shows them as they are", () => {
  const text = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
  for (const example of ["flows", "time-and-faults"]) {
    expect(text("../../core/README.md")).toContain(`\`\`\`ts\n${text(`./examples/${example}.ts`)}\`\`\``);
  }
});
