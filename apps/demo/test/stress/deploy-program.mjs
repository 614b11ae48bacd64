// A program of a durable flow that a later one takes over. node deploy-program.mjs sqlite FILE OUTPUTS, or nats SERVER OUTPUTS
// Writes the outputs that it has read, and how far its inputs were accepted.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRuntime, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { nats } from "@ringline/nats";
import { sqlite } from "@ringline/sqlite";
import { Job, passed } from "./deploy-kernels.mjs";

const AHEAD = 32;
const [kind, place = "", outputs = ""] = process.argv.slice(2);
const runtime =
  kind === "sqlite"
    ? createRuntime({ backend: inProcess(), keep: sqlite(place, { synchronous: "normal" }) })
    : createRuntime({ backends: { here: inProcess(), there: nats({ servers: place }) } });
runtime.on("error", () => {});
const flow = await runtime.run(
  pipeline("deployed").stage(passed, { name: "first", durable: true, workers: 2 }).stage(passed, { name: "second" }),
);
process.send?.("runs");
let isOver = false;
process.on("message", () => {
  isOver = true;
});
const isTaken = (/** @type {unknown} */ error) => /** @type {{ code?: string }} */ (error).code === "FLOW_TAKEN";

const reading = (async () => {
  try {
    for (;;) {
      const { messageId, n } = await flow.receive(isOver ? { timeout: 2000 } : {});
      appendFileSync(outputs, `${messageId} ${n}\n`);
    }
  } catch (error) {
    if (!isTaken(error) && !isOver) throw error;
  }
})();
const progress = `${outputs}.sent`;
try {
  for (let n = existsSync(progress) ? Number(readFileSync(progress, "utf8")) : 0; !isOver; n += AHEAD) {
    await Promise.all(Array.from({ length: AHEAD }, (_, i) => flow.send(Job({ n: n + i }, { key: String(n + i) }))));
    writeFileSync(progress, String(n + AHEAD));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await flow.drain();
} catch (error) {
  if (!isTaken(error)) throw error;
}
await runtime.dispose();
await reading.catch((error) => {
  if (!isOver) throw error;
});
process.disconnect?.();
