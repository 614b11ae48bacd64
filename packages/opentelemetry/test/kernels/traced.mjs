// A program: three requests through three stages, on threads unless told otherwise. Prints what came of it.
import { BroadcastChannel } from "node:worker_threads";
import { trace } from "@opentelemetry/api";
import { createRuntime, pipeline, traceOf } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { count, Order, read, write } from "./pipeline.mjs";
import { setUp } from "./spans.mjs";

/** @type {import("./spans.mjs").Told[]} */
const spans = [];
let ended = () => {};
const all = new Promise((resolve) => {
  ended = () => resolve(undefined);
});
/** @param {import("./spans.mjs").Told} span */
function add(span) {
  spans.push(span);
  if (spans.length === 12) ended();
}
setUp(add);
const channel = new BroadcastChannel("spans");
/** @param {unknown} event */
channel.onmessage = (event) => add(/** @type {{ data: import("./spans.mjs").Told }} */ (event).data);
const runtime = createRuntime({ backend: workerThreads({ threads: 2 }) });
runtime.on("error", () => {});
const flow = await runtime.run(pipeline("orders").stage(read).stage(count).stage(write));
const requests = await Promise.all(
  [0, 1, 2].map((n) =>
    trace.getTracer("test").startActiveSpan(`request ${n}`, async (span) => {
      const answer = traceOf(await flow.request(Order({ n })));
      span.end();
      return { n, ...span.spanContext(), answer };
    }),
  ),
);
await all;
channel.close();
await runtime.dispose();
process.stdout.write(JSON.stringify({ requests, spans }));
