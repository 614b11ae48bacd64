import { map, type Observable, Subject as RxSubject } from "rxjs";
import { answer, createMessage, type PlainMessage } from "../plain-message.js";
import type { Line, Subject } from "../subject.js";
import { Inbox } from "./inbox.js";

/** Plain `map`: neither a queue nor a wait, each stage is a function call. For scale; it does another job. */
export const rxjsMap: Subject = {
  name: "rxjs-map",
  title: "RxJS map: no queue, no waiting, a function call a stage",
  async open(stages): Promise<Line> {
    const input = new RxSubject<PlainMessage>();
    const inbox = new Inbox<PlainMessage>();
    let output: Observable<PlainMessage> = input;
    for (let index = 0; index < stages; index++) output = output.pipe(map(answer));
    const subscription = output.subscribe((message) => inbox.push(message));
    return {
      send: (n) => input.next(createMessage(n, null)),
      receive: () => inbox.take(),
      close: async () => subscription.unsubscribe(),
    };
  },
};
