import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("./stress/moves.mjs", import.meta.url));

test("stages move at random between loop and threads, and each input counts once", { timeout: 180_000 }, () => {
  const printed = execFileSync(process.execPath, [program, "--moves", "30", "--local"], { encoding: "utf8" });
  const [, moves, scalings] = /(\d+) moves between loop, copies, threads, and (\d+) changes/.exec(printed) ?? [];
  expect(Number(moves) + Number(scalings)).toBe(30);
});
