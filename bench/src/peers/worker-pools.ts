import { fileURLToPath } from "node:url";
import { createMessage, type PlainMessage } from "../plain-message.js";
import type { Line, Subject } from "../subject.js";
import { AnswerWindow } from "../subjects/answer-window.js";
import { workerFile } from "../threads/worker-file.js";

/** A line of what answers by the promise of its call. */
function lineOf(run: (message: PlainMessage) => Promise<PlainMessage>, close: () => Promise<unknown>): Line {
  const outstanding = new AnswerWindow<PlainMessage>();
  return {
    send: (n) => outstanding.push(run(createMessage(n, null))),
    receive: () => outstanding.shift(),
    close: async () => void (await close()),
  };
}

export const tinypool: Subject = {
  name: "tinypool",
  title: "Tinypool, one thread that takes 256 tasks at a time",
  singleStage: true,
  async open() {
    const { Tinypool } = await import("tinypool");
    const filename = fileURLToPath(workerFile("piscina-worker"));
    const pool = new Tinypool({ filename, minThreads: 1, maxThreads: 1, concurrentTasksPerWorker: 256 });
    return lineOf(
      (message) => pool.run(message),
      () => pool.destroy(),
    );
  },
};

export const workerpool: Subject = {
  name: "workerpool",
  title: "workerpool, one thread, a task at a time",
  singleStage: true,
  async open() {
    const { default: library } = await import("workerpool");
    const file = fileURLToPath(workerFile("workerpool-worker"));
    const pool = library.pool(file, { minWorkers: 1, maxWorkers: 1, workerType: "thread" });
    return lineOf(
      async (message) => pool.exec("answer", [message]),
      async () => pool.terminate(true),
    );
  },
};

export const poolifier: Subject = {
  name: "poolifier",
  title: "poolifier, a fixed pool of one thread",
  singleStage: true,
  async open() {
    const { FixedThreadPool } = await import("poolifier");
    const pool = new FixedThreadPool<PlainMessage, PlainMessage>(1, fileURLToPath(workerFile("poolifier-worker")));
    return lineOf(
      (message) => pool.execute(message),
      () => pool.destroy(),
    );
  },
};
