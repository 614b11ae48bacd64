import { promise as createQueue } from "fastq";
import { answer, createMessage, type PlainMessage } from "../plain-message.js";
import type { Line, Subject } from "../subject.js";
import { AnswerWindow } from "./answer-window.js";

/** One `fastq.promise` queue a stage, one worker each. Its queues have no bound. */
export const fastq: Subject = {
  name: "fastq",
  title: "fastq.promise, one worker a stage",
  async open(stages): Promise<Line> {
    const queues = Array.from({ length: stages }, () =>
      createQueue<unknown, PlainMessage, PlainMessage>(async (message) => answer(message), 1),
    );
    const [first, ...later] = queues;
    const onward = async (message: PlainMessage): Promise<PlainMessage> => {
      let current = await first!.push(message);
      for (const queue of later) current = await queue.push(current);
      return current;
    };
    const enter = later.length === 0 ? (message: PlainMessage) => first!.push(message) : onward;
    const outstanding = new AnswerWindow<PlainMessage>();
    return {
      send: (n) => outstanding.push(enter(createMessage(n, null))),
      receive: () => outstanding.shift(),
      close: async () => {},
    };
  },
};
