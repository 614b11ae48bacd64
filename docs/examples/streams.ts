import { Readable, Transform, Writable } from "node:stream";
import { pipeline as pipe } from "node:stream/promises";
import {
  type Backend,
  body,
  createRuntime,
  defineKernel,
  defineMessage,
  type Flow,
  type MessageOf,
  pipeline,
} from "@ringline/core";
import { flowDuplex } from "@ringline/core/node";

const Line = defineMessage("Line", body<{ text: string }>());
const Words = defineMessage("Words", body<{ count: number }>());

export const countWords = defineKernel({
  id: "count_words",
  module: import.meta.url,
  input: Line,
  output: Words,
  handle: ({ text }) => Words({ count: text.split(" ").length }),
});

export const words = pipeline("words").stage(countWords, { workers: 2 });
type WordFlow = Flow<MessageOf<typeof Line>, MessageOf<typeof Words>>;

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  await using flow = await runtime.run(words);
  await iterables(flow);
  await nodeStreams(flow);
  await webStreams(flow);
}

/** Any iterable, even an endless one: leaving the loop ends the source. */
async function iterables(flow: WordFlow): Promise<void> {
  async function* endless() {
    try {
      for (let n = 1; ; n++) yield Line({ text: Array(n).fill("word").join(" ") });
    } finally {
      console.log("iterable: the source was ended");
    }
  }
  for await (const { count } of flow.process(endless())) {
    console.log(`iterable: ${count}`);
    if (count === 3) break;
  }
}

/** A flow as a Node stream, in the middle of others. */
async function nodeStreams(flow: WordFlow): Promise<void> {
  const toLine = new Transform({
    objectMode: true,
    transform: (text: string, _, done) => done(null, Line({ text })),
  });
  const printer = new Writable({
    objectMode: true,
    write({ count }: MessageOf<typeof Words>, _, done) {
      console.log(`Node stream: ${count}`);
      done();
    },
  });
  await pipe(Readable.from(["to be", "or not to be"]), toLine, flowDuplex(flow), printer);
}

/** A flow as a pair of web streams, in the middle of others. */
async function webStreams(flow: WordFlow): Promise<void> {
  const source = new ReadableStream<MessageOf<typeof Line>>({
    start(controller) {
      controller.enqueue(Line({ text: "that is the question" }));
      controller.close();
    },
  });
  const printer = new WritableStream<MessageOf<typeof Words>>({
    write({ count }) {
      console.log(`web stream: ${count}`);
    },
  });
  await source.pipeThrough(flow.streams()).pipeTo(printer);
}
