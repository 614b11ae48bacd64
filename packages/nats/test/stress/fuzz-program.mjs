// The program of fuzz.mjs: a flow over durable edges that runs until it is told to end. node fuzz-program.mjs SERVER
import { createRuntime, pipeline } from "@ringline/core";
import { nats } from "@ringline/nats";
import { Job, worker } from "../kernels/workers.mjs";

const AHEAD = 64;
const [server = ""] = process.argv.slice(2);
const runtime = createRuntime({ backend: nats({ servers: server, hostTimeout: 30_000 }) });
const counter = { connections: 0, restarts: 0, letters: 0, errors: 0 };
runtime.on("connection", () => counter.connections++);
runtime.on("restart", () => counter.restarts++);
runtime.on("deadLetter", () => counter.letters++);
runtime.on("error", () => counter.errors++);
runtime.on("stalled", () => {});
const flow = await runtime.run(
  pipeline("fuzz").stage(worker, { name: "first", durable: true }).stage(worker, { name: "second" }),
);
let isOver = false;
process.on("message", (word) => {
  if (word === "memory") process.send?.({ memory: process.memoryUsage().rss });
  else isOver = true;
});
let inputs = 0;
async function* jobs() {
  while (!isOver) {
    yield Job({ n: inputs++ });
    if (inputs % AHEAD === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
process.send?.({ started: true });
/** @type {number[]} */
const seen = [];
for await (const { n } of flow.process(jobs())) seen[n] = (seen[n] ?? 0) + 1;
let wrong = 0;
for (let n = 0; n < inputs; n++) if (seen[n] !== 1) wrong++;
process.send?.({ inputs, wrong, ...counter });
await runtime.dispose();
process.disconnect();
