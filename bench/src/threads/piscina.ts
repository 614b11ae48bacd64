import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { createMessage, type PlainMessage } from "../plain-message.js";
import type { Line, Subject } from "../subject.js";
import { AnswerWindow } from "../subjects/answer-window.js";
import { workerFile } from "./worker-file.js";

function subject(name: string, title: string, concurrentTasksPerWorker: number): Subject {
  return {
    name,
    title,
    singleStage: true,
    async open(): Promise<Line> {
      const filename = fileURLToPath(workerFile("piscina-worker"));
      const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1, concurrentTasksPerWorker });
      const outstanding = new AnswerWindow<PlainMessage>();
      return {
        send: (n) => outstanding.push(pool.run(createMessage(n, null))),
        receive: () => outstanding.shift(),
        close: () => pool.destroy(),
      };
    },
  };
}

/** Piscina with its default, which its documentation advises for tasks that never wait. */
export const piscinaRun = subject("piscina", "piscina.run, one thread that takes a task at a time, its default", 1);
export const piscinaMany = subject("piscina-256", "piscina.run, one thread that takes 256 tasks at a time", 256);
