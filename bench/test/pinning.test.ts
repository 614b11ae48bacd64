import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { exchange } from "../src/exchange.js";
import { pinnedTo } from "../src/threads/pinning.js";
import { postMessage } from "../src/threads/post-message.js";

const cores = () => execFileSync("taskset", ["-cp", String(process.pid)], { encoding: "utf8" });

function canPin(): boolean {
  try {
    return process.platform === "linux" && cores() !== "";
  } catch {
    return false;
  }
}

describe.runIf(canPin())("pinnedTo", () => {
  it("puts threads together or apart, works, and gives all cores back", async () => {
    const before = cores();
    for (const how of before.trim().endsWith(": 0") ? (["together"] as const) : (["together", "apart"] as const)) {
      const line = await pinnedTo(how, postMessage).open(1);
      expect(cores()).toMatch(/: \d+\n$/);
      await exchange(line, 0, 100, 1);
      await line.close();
      expect(cores()).toBe(before);
    }
  });
});
