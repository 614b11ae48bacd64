import { type Backend, body, createRuntime, defineKernel, defineMessage } from "@ringline/core";

const Word = defineMessage("Word", body<{ text: string }>());
const Sentence = defineMessage("Sentence", body<{ text: string }>());

/** `handle`: a function of one message that returns none, one or several messages. */
export const clean = defineKernel({
  id: "clean",
  module: import.meta.url,
  input: Word,
  output: Word,
  handle: ({ text }) =>
    text
      .split(" ")
      .filter(Boolean)
      .map((part) => Word({ text: part })),
});

/** `run`: a loop of your own, which may keep state between messages. */
export const sentences = defineKernel({
  id: "sentences",
  module: import.meta.url,
  input: Word,
  output: Sentence,
  async run(ctx) {
    let words: string[] = [];
    for await (const { text } of ctx) {
      words.push(text);
      if (!text.endsWith(".")) continue;
      await ctx.send(Sentence({ text: words.join(" ") }));
      words = [];
    }
  },
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  const first = await runtime.start(clean);
  const last = await runtime.start(sentences);
  await runtime.connect(first, last);

  for (const text of ["  It stays ", "resident.", "It is launched   once."]) await first.send(Word({ text }));
  for (let i = 0; i < 2; i++) console.log((await last.receive({ timeout: 1000 })).text);
}
