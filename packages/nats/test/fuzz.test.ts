import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findServer } from "@ringline/nats/testing";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("stress/fuzz.mjs", import.meta.url));

test.skipIf(findServer() === undefined)(
  "random and mutated frames and lines to every subject: nothing ends, restarts or is lost, and refusals are counted",
  () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, "--frames", "5000"], { encoding: "utf8" });
    expect(`${stdout}${stderr}`).not.toContain("FAULT");
    expect(status).toBe(0);
  },
);
