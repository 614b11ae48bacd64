import { root, run } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { useSoftwareGpu } from "./lib/software-gpu.mjs";

await setUp();
// `npm run bench -- gpu`: designs on one adapter against each other, the one in software unless RINGLINE_ADAPTER=system
const [first, ...rest] = process.argv.slice(2);
const isGpu = first === "gpu";
if (isGpu) useSoftwareGpu();
const program = isGpu
  ? [`${root}bench/dist/gpu/main.js`, ...rest]
  : [`${root}bench/dist/main.js`, ...process.argv.slice(2)];
const { code } = await run(process.execPath, program);
process.exitCode = code;
