// A program of a durable flow, to be killed: node durable.mjs SERVER COUNT OUTPUTS PROGRESS
// Writes a line for each output, and how far its inputs were accepted; says "done" when all are.
import { openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { createRuntime, pipeline } from "@ringline/core";
import { nats } from "@ringline/nats";
import { Job, worker } from "../kernels/workers.mjs";

const [server = "", count = "", outputs = "", progress = ""] = process.argv.slice(2);
const AHEAD = 64;

/** The same id in every program. @param {number} n */
const input = (n) =>
  Job.parse({ type: "Job", messageId: `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`, n });

const runtime = createRuntime({ backend: nats({ servers: server, hostTimeout: 1000 }) });
const flow = await runtime.run(
  pipeline("durable-program")
    .stage(worker, { name: "first", durable: true, workers: 2 })
    .stage(worker, { name: "second", durable: true }),
);

const file = openSync(outputs, "a");
const reading = (async () => {
  for await (const { messageId, n } of flow) writeSync(file, `${messageId} ${n}\n`);
})();

let accepted = Number(readFileSync(progress, "utf8") || 0);
while (accepted < Number(count)) {
  const next = Math.min(Number(count), accepted + AHEAD);
  await Promise.all(Array.from({ length: next - accepted }, (_, i) => flow.send(input(accepted + i))));
  accepted = next;
  writeFileSync(progress, String(accepted));
}
await flow.drain();
await flow.terminate();
await reading.catch(() => {});
await runtime.dispose();
console.log("done");
