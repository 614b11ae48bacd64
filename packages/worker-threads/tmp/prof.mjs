import { createRuntime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import * as k from "./echo-kernel.mjs";
const rt = createRuntime({ backend: workerThreads({ threads: 1 }) });
const h = await rt.start(k[process.argv[3] ?? "echo"]);
const N = +process.argv[2], OUT = 256; let sent = 0, got = 0;
for (; sent < OUT; sent++) await h.send(k.Ping({ n: sent, x: 1.5, s: "hello" }));
const t0 = performance.now();
while (got < N) { await h.receive(); got++; if (sent < N) { await h.send(k.Ping({ n: sent++, x: 1.5, s: "hello" })); } }
console.log(N / (performance.now() - t0) * 1000);
await rt.dispose();
