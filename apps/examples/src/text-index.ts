// Texts in, an index of their words out. Threads count words; each word always goes to the same keeper.
import { type Backend, body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";

export const Text = defineMessage("Text", body<{ title: string; text: string }>());
const Word = defineMessage("Word", body<{ word: string; title: string; times: number }>());
const Entry = defineMessage("Entry", body<{ word: string; titles: string[] }>());

export const countWords = defineKernel({
  id: "count_words",
  module: import.meta.url,
  input: Text,
  output: Word,
  handle({ title, text }) {
    const times = new Map<string, number>();
    for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) times.set(word, (times.get(word) ?? 0) + 1);
    return [...times].map(([word, many]) => Word({ word, title, times: many }));
  },
});

/** Keeps its share of the words, and tells of them when the texts are at an end. */
export const keep = defineKernel({
  id: "keep",
  module: import.meta.url,
  input: Word,
  output: Entry,
  async run(ctx) {
    const found = new Map<string, { title: string; times: number }[]>();
    ctx.onFlush(async () => {
      for (const [word, places] of found) {
        places.sort((a, b) => b.times - a.times || a.title.localeCompare(b.title));
        await ctx.send(Entry({ word, titles: places.map(({ title }) => title) }));
      }
      found.clear();
    });
    for (;;) {
      const { word, title, times } = await ctx.receive();
      found.set(word, [...(found.get(word) ?? []), { title, times }]);
    }
  },
});

export const index = pipeline("index")
  .stage(countWords, { workers: 2, order: "unordered" })
  .stage(keep, { workers: 2, by: { key: "word" }, order: "unordered" });

/** Word → titles, those that have it most often first. */
export async function textIndex(backend: Backend, texts: Iterable<{ title: string; text: string }>) {
  await using runtime = createRuntime({ backend });
  await using flow = await runtime.run(index);
  const entries = new Map<string, readonly string[]>();
  for await (const { word, titles } of flow.process(messages(texts))) entries.set(word, titles);
  return entries;
}

function* messages(texts: Iterable<{ title: string; text: string }>) {
  for (const text of texts) yield Text(text);
}
