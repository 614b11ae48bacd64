import { root, run } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { useSoftwareGpu } from "./lib/software-gpu.mjs";

await setUp("@ringline/bench");
// WebGPU runs in software unless RINGLINE_ADAPTER=system; `npm run bench -- gpu` compares designs on one adapter
useSoftwareGpu();
const [first, ...rest] = process.argv.slice(2);
const program =
  first === "gpu"
    ? [`${root}bench/dist/gpu/main.js`, ...rest]
    : [`${root}bench/dist/main.js`, ...process.argv.slice(2)];
const { code } = await run(process.execPath, program);
process.exitCode = code;
