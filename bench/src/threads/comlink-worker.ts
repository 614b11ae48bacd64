import { parentPort } from "node:worker_threads";
import { expose } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { answer, type PlainMessage } from "../plain-message.js";

if (parentPort !== null) expose((message: PlainMessage) => answer(message), nodeEndpoint(parentPort));
