import { root, run } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";

await setUp();
const { code } = await run(process.execPath, [`${root}bench/dist/main.js`, ...process.argv.slice(2)]);
process.exitCode = code;
