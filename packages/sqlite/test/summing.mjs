// Sends jobs through a durable flow with a join, a batch and a state, and writes the outputs that it has read into a file.
// node summing.mjs STATE COUNT OUTPUTS
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRuntime } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { sqlite } from "@ringline/sqlite";
import { Job, summing } from "./kernels.mjs";

const [state = "", count = "", outputs = ""] = process.argv.slice(2);
const runtime = createRuntime({ backend: inProcess(), keep: sqlite(state, { synchronous: "normal" }) });
const flow = await runtime.run(summing);
const reading = (async () => {
  for await (const { messageId, of, sum, count: counted } of flow) {
    appendFileSync(outputs, `${JSON.stringify([messageId, of, sum, counted])}\n`);
  }
})();
// from the last fifty on that an earlier program has sent: those of them that are kept are known by their keys
const progress = `${outputs}.sent`;
for (let n = existsSync(progress) ? Number(readFileSync(progress, "utf8")) : 0; n < Number(count); n += 50) {
  await Promise.all(Array.from({ length: 50 }, (_, i) => flow.send(Job({ n: n + i }, { key: String(n + i) }))));
  writeFileSync(progress, String(n));
}
await flow.drain();
await runtime.dispose();
await reading.catch(() => {});
