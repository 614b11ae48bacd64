import queue, { type done, promise as promiseQueue } from "fastq";
import { answer, createMessage, type PlainMessage } from "../plain-message.js";
import type { Line, Subject } from "../subject.js";
import { AnswerWindow } from "./answer-window.js";
import { Inbox } from "./inbox.js";

/** The form that fastq's README begins with: callbacks, one queue a stage, one worker each. Its queues have no bound. */
export const fastq: Subject = {
  name: "fastq",
  title: "fastq with callbacks, one worker a stage",
  async open(stages): Promise<Line> {
    const inbox = new Inbox<PlainMessage>();
    let enter = (message: PlainMessage): void => inbox.push(message);
    for (let stage = 0; stage < stages; stage++) {
      const sink = enter;
      const onDone: done<PlainMessage> = (_, message) => sink(message as PlainMessage);
      const here = queue<unknown, PlainMessage, PlainMessage>((message, done) => done(null, answer(message)), 1);
      enter = (message) => here.push(message, onDone);
    }
    const first = enter;
    return {
      send: (n) => first(createMessage(n, null)),
      receive: () => inbox.take(),
      close: async () => {},
    };
  },
};

/** The same library's promises: easier to write, and slower. */
export const fastqPromise: Subject = {
  name: "fastq-promise",
  title: "fastq.promise, one worker a stage",
  async open(stages): Promise<Line> {
    const queues = Array.from({ length: stages }, () =>
      promiseQueue<unknown, PlainMessage, PlainMessage>(async (message) => answer(message), 1),
    );
    const [first, ...later] = queues;
    const sink = async (message: PlainMessage): Promise<PlainMessage> => {
      let current = await first!.push(message);
      for (const queue of later) current = await queue.push(current);
      return current;
    };
    const enter = later.length === 0 ? (message: PlainMessage) => first!.push(message) : sink;
    const outstanding = new AnswerWindow<PlainMessage>();
    return {
      send: (n) => outstanding.push(enter(createMessage(n, null))),
      receive: () => outstanding.shift(),
      close: async () => {},
    };
  },
};
