import { Worker } from "node:worker_threads";
import { createRuntime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { echo, echoLoop, Ping } from "./echo-kernel.mjs";
const N = +(process.argv[2] ?? 100000), OUT = 256;
async function raw() {
  const w = new Worker(new URL("./raw.mjs", import.meta.url));
  let sent = 0, got = 0; const c0 = process.cpuUsage(); const t0 = performance.now();
  await new Promise((done) => {
    w.on("message", () => { got++; if (sent < N) w.postMessage({ type: "Ping", n: sent++, x: 1.5, s: "hello", id: "x" }); else if (got === N) done(); });
    for (let i = 0; i < OUT; i++) w.postMessage({ type: "Ping", n: sent++, x: 1.5, s: "hello", id: "x" });
  });
  const dt = performance.now() - t0; const c = process.cpuUsage(c0); await w.terminate();
  return [N / dt * 1000, (c.user + c.system) / N];
}
async function ours(kernel) {
  const rt = createRuntime({ backend: workerThreads({ threads: 1 }) });
  const h = await rt.start(kernel);
  const run = async (N) => {
    let sent = 0, got = 0;
    for (; sent < OUT; sent++) await h.send(Ping({ n: sent, x: 1.5, s: "hello" }));
    while (got < N) { await h.receive(); got++; if (sent < N) { await h.send(Ping({ n: sent++, x: 1.5, s: "hello" })); } }
  };
  await run(20000);
  const c0 = process.cpuUsage(); const t0 = performance.now();
  await run(N);
  const dt = performance.now() - t0; const c = process.cpuUsage(c0);
  let t1 = performance.now(); const lat = [];
  for (let i = 0; i < 2000; i++) { const a = performance.now(); await h.send(Ping({ n: i, x: 1.5, s: "hello" })); await h.receive(); lat.push(performance.now() - a); }
  lat.sort((a, b) => a - b);
  await rt.dispose();
  return [N / dt * 1000, (c.user + c.system) / N, lat[1000] * 1000];
}
for (let i = 0; i < 3; i++) { console.log("raw", ...(await raw()).map((v) => v.toFixed(1))); console.log("handle", ...(await ours(echo)).map((v) => v.toFixed(1))); console.log("run", ...(await ours(echoLoop)).map((v) => v.toFixed(1))); }
