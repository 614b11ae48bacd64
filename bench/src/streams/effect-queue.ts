import { Effect, Fiber, Queue } from "effect";
import { answer, createMessage, type PlainMessage } from "../plain-message.js";
import { type StreamSubject, source } from "../stream.js";
import { CAPACITY } from "../subject.js";

function through(stages: number, messages: number, seen: (reply: PlainMessage) => void) {
  return Effect.gen(function* () {
    const first = yield* Queue.bounded<PlainMessage>(CAPACITY);
    const fibers = [];
    let last = first;
    for (let stage = 0; stage < stages; stage++) {
      const from = last;
      const to = yield* Queue.bounded<PlainMessage>(CAPACITY);
      const step = Effect.flatMap(Queue.take(from), (message) => Queue.offer(to, answer(message)));
      fibers.push(yield* Effect.forkChild(Effect.forever(step)));
      last = to;
    }
    const feed = Effect.gen(function* () {
      for (const message of source(messages, (n) => createMessage(n, null))) yield* Queue.offer(first, message);
    });
    fibers.push(yield* Effect.forkChild(feed));
    for (let count = 0; count < messages; count++) seen(yield* Queue.take(last));
    for (const fiber of fibers) yield* Fiber.interrupt(fiber);
  });
}

/** A bounded queue before and after each stage, a fiber a stage that takes, answers and offers. */
export const effectQueue: StreamSubject = {
  name: "effect-queue",
  title: "effect, bounded queues, one fiber a stage",
  async open(stages) {
    return {
      run: (messages, seen) => Effect.runPromise(through(stages, messages, seen)),
      close: async () => {},
    };
  },
};
