import { useNatsServer } from "./lib/nats-server.mjs";
import { root, run } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { useSoftwareGpu } from "./lib/software-gpu.mjs";

await setUp("@ringline/bench");
// WebGPU runs in software unless RINGLINE_ADAPTER=system
useSoftwareGpu();
// NATS runs on this machine's server, or on Debian's; without one its rows are left out
useNatsServer();
const [first, ...rest] = process.argv.slice(2);
// `gpu` compares designs on one adapter, `nats` and `sqlite` with the same by hand
const own = ["gpu", "nats", "sqlite"].find((name) => name === first);
const program =
  own === undefined
    ? [`${root}bench/dist/main.js`, ...process.argv.slice(2)]
    : [`${root}bench/dist/${own}/main.js`, ...rest];
const { code } = await run(process.execPath, program);
process.exitCode = code;
