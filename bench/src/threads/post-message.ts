import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createMessage, type PlainMessage } from "../plain-message.js";
import type { Line, Subject } from "../subject.js";
import { Inbox } from "../subjects/inbox.js";
import { workerFile } from "./worker-file.js";

/** A hand-written worker that answers by `postMessage`: no bound, no order by priority, nothing kept. */
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

/** The same with one array for all messages of a turn: the clone and the wake-up are paid once for many. */
export const postMessageBatches: Subject = {
  name: "post-message-batches",
  title: "one worker, an array of messages a turn, by postMessage there and back",
  singleStage: true,
  async open(): Promise<Line> {
    const worker = new Worker(workerFile("post-message-worker"));
    await once(worker, "online");
    const replies = new Inbox<PlainMessage>();
    worker.on("message", (batch: readonly PlainMessage[]) => {
      for (const reply of batch) replies.push(reply);
    });
    let turn: PlainMessage[] = [];
    const flush = () => {
      const batch = turn;
      turn = [];
      worker.postMessage(batch);
    };
    return {
      send(n) {
        // right behind the events of this turn of the loop: a microtask would come after every single message
        if (turn.push(createMessage(n, null)) === 1) setImmediate(flush);
      },
      receive: () => replies.take(),
      close: async () => {
        await worker.terminate();
      },
    };
  },
};
