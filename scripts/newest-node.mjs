// What runs in several threads or processes, on the newest Node: threads, shared memory, sockets and TypeScript modules differ most
// between versions.
import { backendSuites, command, natsModule } from "./lib/conformance.mjs";
import { useNatsServer } from "./lib/nats-server.mjs";
import { run } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { finish } from "./lib/tally.mjs";

const NEWEST = 26;

await setUp();
const noServer = useNatsServer();
if (noServer !== undefined) console.log(`Conformance of packages/nats skipped: ${noServer}.`);
const modules = ["packages/worker-threads/conformance.mjs", ...(noServer === undefined ? [natsModule] : [])];
finish(await Promise.all(backendSuites.filter(([module]) => modules.includes(module)).map(suite)));

/** @param {readonly string[]} args */
async function suite(args) {
  const { output } = await run("npx", ["--yes", `node@${NEWEST}`, command, ...args, "--json"], { stdout: "collect" });
  return tally(output);
}

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
