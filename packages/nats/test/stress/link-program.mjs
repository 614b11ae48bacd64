// The program of links.mjs: counts what comes out of a flow over durable edges. node link-program.mjs SERVER MESSAGES HOST_TIMEOUT
import { createRuntime, pipeline } from "@ringline/core";
import { nats } from "@ringline/nats";
import { Job, worker } from "../kernels/workers.mjs";

const [server = "", messages, hostTimeout] = process.argv.slice(2);
const count = Number(messages);
const runtime = createRuntime({ backend: nats({ servers: server, hostTimeout: Number(hostTimeout) }) });
const counter = { lost: 0, refused: 0, restored: 0, restarts: 0, letters: 0, errors: 0 };
runtime.on("connection", ({ change }) => counter[change]++);
runtime.on("restart", () => counter.restarts++);
runtime.on("deadLetter", () => counter.letters++);
runtime.on("error", () => counter.errors++);
runtime.on("stalled", () => {});
const supervise = /** @type {const} */ ({ limit: { max: 1000, window: 1000 } });
const flow = await runtime.run(
  pipeline("links")
    .stage(worker, { name: "first", durable: true, workers: 2, supervise })
    .stage(worker, { name: "second", durable: true, workers: 2, supervise }),
);

function* jobs() {
  for (let n = 0; n < count; n++) yield Job({ n });
}

const seen = new Uint8Array(count);
const ids = new Set();
let outputs = 0;
const since = performance.now();
for await (const { n, messageId } of flow.process(jobs())) {
  seen[n] = (seen[n] ?? 0) + 1;
  ids.add(messageId);
  if (++outputs % 500 === 0) console.log(`at ${outputs}`);
}
const seconds = (performance.now() - since) / 1000;
const missing = seen.reduce((sum, times) => sum + (times === 0 ? 1 : 0), 0);
const doubled = seen.reduce((sum, times) => sum + Math.max(0, times - 1), 0);
await runtime.dispose();
console.log(
  `${outputs} outputs of ${count} inputs, ${missing} missing, ${doubled} doubled, ${ids.size} ids, ${seconds.toFixed(0)} s`,
);
console.log(JSON.stringify(counter));
process.exit(missing + doubled === 0 && ids.size === count ? 0 : 1);
