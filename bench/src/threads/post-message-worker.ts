import { parentPort } from "node:worker_threads";
import { answer, type PlainMessage } from "../plain-message.js";

// an array is answered with an array
parentPort?.on("message", (message: PlainMessage | readonly PlainMessage[]) =>
  parentPort?.postMessage(Array.isArray(message) ? message.map(answer) : answer(message as PlainMessage)),
);
