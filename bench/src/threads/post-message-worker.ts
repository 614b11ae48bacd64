import { parentPort } from "node:worker_threads";
import { answer, type PlainMessage } from "../plain-message.js";

parentPort?.on("message", (message: PlainMessage) => parentPort?.postMessage(answer(message)));
