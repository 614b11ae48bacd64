import { parentPort } from "node:worker_threads";

parentPort?.once("message", (n: number) => parentPort?.postMessage(n));
