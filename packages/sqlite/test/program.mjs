// Sends jobs through a durable flow, and writes the outputs that it has read into a file. node program.mjs STATE COUNT OUTPUTS
import { appendFileSync } from "node:fs";
import { createRuntime, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { sqlite } from "@ringline/sqlite";
import { Job, pass } from "./kernels.mjs";

const [state = "", count = "", outputs = ""] = process.argv.slice(2);
const runtime = createRuntime({ backend: inProcess(), keep: sqlite(state) });
const flow = await runtime.run(
  pipeline("jobs")
    .stage(pass, { name: "first", durable: true, workers: 2 })
    .stage(pass, { name: "second", durable: true }),
);
const reading = (async () => {
  for await (const { messageId, n } of flow) appendFileSync(outputs, `${messageId} ${n}\n`);
})();
// all of them: those that an earlier program has sent are known by their keys
for (let n = 0; n < Number(count); n++) await flow.send(Job({ n }, { key: String(n) }));
await flow.drain();
await runtime.dispose();
await reading.catch(() => {});
