import { type Backend, body, createRuntime, defineKernel, defineMessage, graph, type MessageOf } from "@ringline/core";

const Request = defineMessage("Request", body<{ text: string }>());
const Words = defineMessage("Words", body<{ words: string[] }>());
const Count = defineMessage("Count", body<{ count: number }>());
const Longest = defineMessage("Longest", body<{ word: string }>());
const Merged = defineMessage("Merged", body<{ b: MessageOf<typeof Count>; c: MessageOf<typeof Longest> }>());
const Report = defineMessage("Report", body<{ text: string }>());

export const stageA = defineKernel({
  id: "stage_a",
  module: import.meta.url,
  input: Request,
  output: Words,
  handle: ({ text }) => Words({ words: text.split(/\s+/) }),
});

export const stageB = defineKernel({
  id: "stage_b",
  module: import.meta.url,
  input: Words,
  output: Count,
  handle: ({ words }) => Count({ count: words.length }),
});

export const stageC = defineKernel({
  id: "stage_c",
  module: import.meta.url,
  input: Words,
  output: Longest,
  handle: ({ words }) => Longest({ word: words.reduce((a, b) => (b.length > a.length ? b : a)) }),
});

export const stageD = defineKernel({
  id: "stage_d",
  module: import.meta.url,
  input: Merged,
  output: Report,
  handle: ({ b, c }) => Report({ text: `${b.count} words, the longest is "${c.word}"` }),
});

export const diamond = graph("diamond", Request, (request, { join }) => {
  const words = request.stage(stageA);
  return join(Merged, { b: words.stage(stageB), c: words.stage(stageC) }, { timeout: 5000 }).stage(stageD);
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  await using flow = await runtime.run(diamond);

  const texts = ["a slow last stage slows the first one down", "nothing is lost silently"];
  for await (const { text } of flow.process(texts.map((text) => Request({ text })))) console.log(text);
}
