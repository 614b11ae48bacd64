import { parentPort } from "node:worker_threads";
parentPort.on("message", (m) => parentPort.postMessage({ type: "Pong", n: m.n, x: m.x, s: m.s, id: m.id }));
