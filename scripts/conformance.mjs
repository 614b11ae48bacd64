// The conformance suite over every backend of this repository. JSON alone on stdout: npm run -s conformance -- --json
import { backendModules, command } from "./lib/conformance.mjs";
import { run } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { useSoftwareGpu } from "./lib/software-gpu.mjs";

await setUp();
useSoftwareGpu();
const { code } = await run(process.execPath, [command, ...backendModules, ...process.argv.slice(2)]);
process.exitCode = code;
