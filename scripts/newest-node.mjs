// What runs on worker threads, on the newest Node: threads, shared memory and TypeScript modules differ most between versions.
import { command } from "./lib/conformance.mjs";
import { run } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { finish } from "./lib/tally.mjs";

const NEWEST = 26;

await setUp();
const args = ["--yes", `node@${NEWEST}`, command, "packages/worker-threads/conformance.mjs", "--json"];
const { output } = await run("npx", args, { stdout: "collect" });
finish([tally(output)]);

/**
 * @param {string} json what `ringline-conformance --json` prints
 * @returns {import("./lib/tally.mjs").Tally}
 */
function tally(json) {
  try {
    const [{ passed, failed, skipped }] = JSON.parse(json).backends;
    if (failed > 0) console.log(json);
    return { passed, failed, skipped: skipped.length };
  } catch {
    console.log(json); // the command broke down
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
