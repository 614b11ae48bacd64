// A program: a kernel takes more memory than its thread may have. Where that does not end Node itself, it says what is left.
import { createRuntime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { faulty, Job } from "./faulty.mjs";

const runtime = createRuntime({
  backend: workerThreads({ threads: 1, resourceLimits: { maxOldGenerationSizeMb: 48 } }),
});
runtime.on("error", () => {});
const handle = await runtime.start(faulty);
await handle.send(Job({ n: 0, fault: "out of memory" }));
await handle.send(Job({ n: 1 }));
const { n } = await handle.receive({ timeout: 30_000 });
const ledgers = await runtime.dispose();
console.log(JSON.stringify({ n, input: ledgers.get("faulty.input") }));
