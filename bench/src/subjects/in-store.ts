import { AsyncLocalStorage } from "node:async_hooks";
import type { Line, Subject } from "../subject.js";

/** The subject in a program with an `AsyncLocalStorage`: launched in one store, and each message sent in one of its own. */
export function inStore(subject: Subject): Subject {
  const storage = new AsyncLocalStorage<{ readonly n: number }>();
  return {
    ...subject,
    title: `${subject.title}, in a store`,
    open: (stages) =>
      storage.run({ n: -1 }, async (): Promise<Line> => {
        const line = await subject.open(stages);
        return {
          send: (n) => storage.run({ n }, () => line.send(n)),
          receive: () => line.receive(),
          close: () => line.close(),
        };
      }),
  };
}
