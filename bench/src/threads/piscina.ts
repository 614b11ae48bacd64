import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { createMessage, type PlainMessage } from "../plain-message.js";
import type { Line, Subject } from "../subject.js";
import { AnswerWindow } from "../subjects/answer-window.js";
import { workerFile } from "./worker-file.js";

export const piscinaRun: Subject = {
  name: "piscina",
  title: "piscina.run, one thread that takes 256 tasks at a time",
  singleStage: true,
  async open(): Promise<Line> {
    const filename = fileURLToPath(workerFile("piscina-worker"));
    const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1, concurrentTasksPerWorker: 256 });
    const outstanding = new AnswerWindow<PlainMessage>();
    return {
      send: (n) => outstanding.push(pool.run(createMessage(n, null))),
      receive: () => outstanding.shift(),
      close: () => pool.destroy(),
    };
  },
};
