// A program: its kernel is written in TypeScript.
import { createRuntime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { Ask, typed } from "./plain.ts";

const runtime = createRuntime({ backend: workerThreads({ threads: 1 }) });
const handle = await runtime.start(typed);
console.log((await handle.request(Ask({ n: 21 }))).n);
await runtime.dispose();
