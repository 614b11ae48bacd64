import { createRuntime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { operator, orders, reports, Order } from "/work/wt/threads/packages/conformance/dist/kernels/operator.js";
const rt = createRuntime({ backend: workerThreads({threads: 2}) });
rt.on("error", (e) => console.log("ERR", e));
const d = await rt.start(orders);
const r = await rt.start(reports);
const o = await rt.start(operator);
await d.send(Order({call: "waitActive", timeout: 15}));
for (let i = 0; i < 3; i++) try { console.log((await r.receive({timeout: 300})), (await r.telemetry()).ledger); } catch (e) { console.log(e.code) }
console.log(await rt.dispose());
