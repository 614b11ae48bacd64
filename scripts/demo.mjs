import { root, run } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { useSoftwareGpu } from "./lib/software-gpu.mjs";

await setUp();
if (process.argv.includes("--software")) useSoftwareGpu();
const { code } = await run(process.execPath, [`${root}apps/demo/dist/main.js`, ...process.argv.slice(2)]);
process.exitCode = code;
