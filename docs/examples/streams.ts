import { Readable, Writable } from "node:stream";
import { pipeline as pipe } from "node:stream/promises";
import { ReadableStream } from "node:stream/web";
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

/** Anything that can be iterated over, also without end: leaving the loop ends the source. */
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

/** A Node stream can be iterated over, and `pipeline` of Node takes what can be. */
async function nodeStreams(flow: WordFlow): Promise<void> {
  async function* lines(source: AsyncIterable<string>) {
    for await (const text of source) yield Line({ text });
  }
  const printer = new Writable({
    objectMode: true,
    write({ count }, _, done) {
      console.log(`Node stream: ${count}`);
      done();
    },
  });
  await pipe(flow.process(lines(Readable.from(["to be", "or not to be"]))), printer);
}

/** A web stream too, such as the body of a response. */
async function webStreams(flow: WordFlow): Promise<void> {
  const lines = ReadableStream.from([Line({ text: "that is the question" })]);
  const counts = ReadableStream.from(flow.process(lines));
  for await (const { count } of counts) console.log(`web stream: ${count}`);
}
