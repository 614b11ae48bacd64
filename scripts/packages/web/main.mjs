// A kernel of a page that a bundler has built, on a web worker. The title of the page is the answer.
import { createRuntime } from "@ringline/core";
import { webWorkers } from "@ringline/web-workers";
import { next, Step } from "./kernels.mjs";

const worker = () => new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
const runtime = createRuntime({ backend: webWorkers({ threads: 1, worker }) });
const handle = await runtime.start(next);
const { n } = await handle.request(Step({ n: 2 }), { timeout: 10_000 });
await runtime.dispose();
document.title = `${n}`;
