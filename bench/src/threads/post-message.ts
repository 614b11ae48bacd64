import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createMessage, type PlainMessage } from "../plain-message.js";
import type { Line, Subject } from "../subject.js";
import { Inbox } from "../subjects/inbox.js";
import { workerFile } from "./worker-file.js";

/** What somebody writes by hand: a worker that answers by `postMessage`. No bound, no order by priority, nothing kept. */
export const postMessage: Subject = {
  name: "post-message",
  title: "one worker, postMessage there and back",
  singleStage: true,
  async open(): Promise<Line> {
    const worker = new Worker(workerFile("post-message-worker"));
    await once(worker, "online");
    const replies = new Inbox<PlainMessage>();
    worker.on("message", (reply: PlainMessage) => replies.push(reply));
    return {
      send: (n) => worker.postMessage(createMessage(n, null)),
      receive: () => replies.take(),
      close: async () => {
        await worker.terminate();
      },
    };
  },
};
