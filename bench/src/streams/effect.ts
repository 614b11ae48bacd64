import { Effect, Fiber, Queue, Stream } from "effect";
import { answer, createMessage, type PlainMessage } from "../plain-message.js";
import { type StreamSubject, source } from "../stream.js";
import { CAPACITY } from "../subject.js";

type Seen = (reply: PlainMessage) => void;
type Stage = (from: Queue.Queue<PlainMessage>, to: Queue.Queue<PlainMessage>) => Effect.Effect<unknown>;

const pieces = (messages: number) => source(messages, (n) => createMessage(n, null));

/** A bounded queue before and after each stage, a fiber a stage. */
function through(
  stages: number,
  step: Stage,
  feed: (first: Queue.Queue<PlainMessage>) => Effect.Effect<unknown>,
  drain: (last: Queue.Queue<PlainMessage>) => Effect.Effect<unknown>,
) {
  return Effect.gen(function* () {
    const first = yield* Queue.bounded<PlainMessage>(CAPACITY);
    const fibers = [];
    let last = first;
    for (let stage = 0; stage < stages; stage++) {
      const to = yield* Queue.bounded<PlainMessage>(CAPACITY);
      fibers.push(yield* Effect.forkChild(Effect.forever(step(last, to))));
      last = to;
    }
    fibers.push(yield* Effect.forkChild(feed(first)));
    yield* drain(last);
    for (const fiber of fibers) yield* Fiber.interrupt(fiber);
  });
}

function oneByOne(stages: number, messages: number, seen: Seen) {
  return through(
    stages,
    (from, to) => Effect.flatMap(Queue.take(from), (message) => Queue.offer(to, answer(message))),
    (first) =>
      Effect.gen(function* () {
        for (const message of pieces(messages)) yield* Queue.offer(first, message);
      }),
    (last) =>
      Effect.gen(function* () {
        for (let count = 0; count < messages; count++) seen(yield* Queue.take(last));
      }),
  );
}

/** Messages that the source offers at a time. */
const BATCH = 1024;

function inBatches(stages: number, messages: number, seen: Seen) {
  return through(
    stages,
    (from, to) => Effect.flatMap(Queue.takeAll(from), (batch) => Queue.offerAll(to, batch.map(answer))),
    (first) =>
      Effect.gen(function* () {
        const rest = pieces(messages);
        for (let sent = 0; sent < messages; sent += BATCH) {
          const batch = [];
          while (batch.length < Math.min(BATCH, messages - sent)) batch.push(rest.next().value as PlainMessage);
          yield* Queue.offerAll(first, batch);
        }
      }),
    (last) =>
      Effect.gen(function* () {
        for (let count = 0; count < messages; ) {
          const batch = yield* Queue.takeAll(last);
          for (const reply of batch) seen(reply);
          count += batch.length;
        }
      }),
  );
}

/** Most arrays between two stages: effect advises a power of two. */
const ARRAYS = 16;

function asStream(stages: number, messages: number, seen: Seen) {
  let stream: Stream.Stream<PlainMessage> = Stream.fromIterable(pieces(messages), { chunkSize: BATCH });
  for (let stage = 0; stage < stages; stage++) {
    stream = stream.pipe(Stream.map(answer), Stream.bufferArray({ capacity: ARRAYS }));
  }
  return Stream.runForEachArray(stream, (batch) =>
    Effect.sync(() => {
      for (const reply of batch) seen(reply);
    }),
  );
}

function subject(
  name: string,
  title: string,
  program: (stages: number, messages: number, seen: Seen) => Effect.Effect<unknown>,
): StreamSubject {
  return {
    name,
    title,
    async open(stages) {
      return {
        run: async (messages, seen) => void (await Effect.runPromise(program(stages, messages, seen))),
        close: async () => {},
      };
    },
  };
}

export const effectQueue = subject("effect-queue", "effect, bounded queues, one fiber a stage, one by one", oneByOne);
export const effectBatches = subject("effect-batches", "effect, the same by takeAll and offerAll", inBatches);
export const effectStream = subject(
  "effect-stream",
  "effect's Stream, a fiber and a buffer of arrays a stage",
  asStream,
);
