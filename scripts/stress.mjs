// The faults of threads many times over: 200 trials of each, and a million sleeps. Takes about ten minutes.
import { runInstalled } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";

if (process.argv.includes("--help")) {
  console.log(`Usage: npm run stress [-- <what Vitest takes>]

Ends threads in the middle of traffic in every way that they can end, 200 random trials of each, and sends a kernel to sleep a
million times. RINGLINE_TRIALS and RINGLINE_SLEEPS say how often. Exit code 0: all passed, 1: something failed.`);
  process.exit();
}

await setUp();
process.env["RINGLINE_TRIALS"] ??= "200";
process.env["RINGLINE_SLEEPS"] ??= "1000000";
const given = process.argv.slice(2);
const chosen = given.length > 0 ? given : ["lost-threads", "hosting"];
const { code } = await runInstalled("vitest/vitest.mjs", ["run", "--project", "worker-threads", ...chosen]);
process.exitCode = code;
