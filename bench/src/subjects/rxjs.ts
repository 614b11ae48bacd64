import { concatMap, type Observable, Subject as RxSubject } from "rxjs";
import { answer, createMessage, type PlainMessage } from "../plain-message.js";
import type { Line, Subject } from "../subject.js";
import { Inbox } from "./inbox.js";

/** One `concatMap` with an async function a stage: RxJS's queue with one worker. It has no bound. */
export const rxjs: Subject = {
  name: "rxjs",
  title: "RxJS concatMap with an async function a stage",
  async open(stages): Promise<Line> {
    const input = new RxSubject<PlainMessage>();
    const inbox = new Inbox<PlainMessage>();
    let output: Observable<PlainMessage> = input;
    for (let index = 0; index < stages; index++) output = output.pipe(concatMap(async (message) => answer(message)));
    const subscription = output.subscribe((message) => inbox.push(message));
    return {
      send: (n) => input.next(createMessage(n, null)),
      receive: () => inbox.take(),
      close: async () => subscription.unsubscribe(),
    };
  },
};
