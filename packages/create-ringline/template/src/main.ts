import { parseArgs } from "node:util";
import { type Backend, createRuntime } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { workerThreads } from "@ringline/worker-threads";
import { Line, lines } from "./kernels.js";

const backends: Record<string, () => Backend> = {
  "in-process": () => inProcess(),
  "in-process-copy": () => inProcess({ copy: true }), // shows beforehand what would not travel to a thread
  "worker-threads": () => workerThreads(),
};

const { values } = parseArgs({ options: { backend: { type: "string", default: "in-process" } } });
const backend = backends[values.backend];
if (backend === undefined) {
  console.error(`--backend takes one of ${Object.keys(backends).join(", ")}.`);
  process.exit(2);
}

const texts = ["to be or not to be", "", "that is the question"];
const runtime = createRuntime({ backend: backend() });
const flow = await runtime.run(lines);
for await (const { count, longest } of flow.process(texts.map((text) => Line({ text })))) {
  console.log(`${count} words, the longest is "${longest}"`);
}
await runtime.dispose();
