import { createRuntime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { Line, lines } from "./kernels.ts";

const runtime = createRuntime({ backend: workerThreads({ threads: 2 }) });
const flow = await runtime.run(lines);
for await (const { words } of flow.process(["a b", "c d e"].map((text) => Line({ text })))) console.log(words);
await runtime.dispose();
