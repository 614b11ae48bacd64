import { dispatch, spawn, start, stop } from "nact";
import { answer, createMessage, type PlainMessage } from "../plain-message.js";
import type { Line, Subject } from "../subject.js";
import { Inbox } from "../subjects/inbox.js";

/** One actor a stage, that sends its answer on to the next. Their mailboxes have no bound. */
export const nact: Subject = {
  name: "nact",
  title: "nact, one actor a stage",
  async open(stages): Promise<Line> {
    const system = start();
    const inbox = new Inbox<PlainMessage>();
    const last = spawn(system, (_state: undefined, message: PlainMessage) => inbox.push(message) as undefined, "last");
    let next: Parameters<typeof dispatch<PlainMessage>>[0] = last;
    for (let stage = stages; stage >= 1; stage--) {
      const to = next;
      next = spawn(
        system,
        (_state: undefined, message: PlainMessage) => dispatch(to, answer(message)) as undefined,
        `stage-${stage}`,
      );
    }
    const first = next;
    return {
      send: (n) => dispatch(first, createMessage(n, null)),
      receive: () => inbox.take(),
      close: async () => stop(system),
    };
  },
};
