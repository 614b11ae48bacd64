import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { type Remote, releaseProxy, wrap } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { createMessage, type PlainMessage } from "../plain-message.js";
import type { Line, Subject } from "../subject.js";
import { AnswerWindow } from "../subjects/answer-window.js";
import { workerFile } from "./worker-file.js";

type Answer = (message: PlainMessage) => PlainMessage;

export const comlink: Subject = {
  name: "comlink",
  title: "a function of a worker, called by comlink",
  singleStage: true,
  async open(): Promise<Line> {
    const worker = new Worker(workerFile("comlink-worker"));
    await once(worker, "online");
    worker.setMaxListeners(0); // comlink adds one for each call
    const answer = wrap<Answer>(nodeEndpoint(worker)) as unknown as Remote<Answer>;
    const outstanding = new AnswerWindow<PlainMessage>();
    return {
      send: (n) => outstanding.push(answer(createMessage(n, null)) as Promise<PlainMessage>),
      receive: () => outstanding.shift(),
      close: async () => {
        answer[releaseProxy]();
        await worker.terminate();
      },
    };
  },
};
