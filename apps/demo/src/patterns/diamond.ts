import { type Backend, body, createRuntime, defineKernel, defineMessage } from "@ringline/core";

const Request = defineMessage("Request", body<{ text: string }>());
const Words = defineMessage("Words", body<{ words: string[] }>());
const Count = defineMessage("Count", body<{ count: number }>());
const Longest = defineMessage("Longest", body<{ word: string }>());
const Merged = defineMessage("Merged", body<{ count: number; word: string }>());
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
  handle: ({ count, word }) => Report({ text: `${count} words, the longest is "${word}"` }),
});

/** A, then B and C at the same time, then D with what both gave. */
export const dagCoordinator = defineKernel({
  id: "dag_coordinator",
  module: import.meta.url,
  input: Request,
  output: Report,
  peers: { a: stageA, b: stageB, c: stageC, d: stageD },
  async handle(request, { peers, signal }) {
    const wait = { timeout: 5000, signal };
    const words = await peers.a.request(request, wait);
    const [{ count }, { word }] = await Promise.all([peers.b.request(words, wait), peers.c.request(words, wait)]);
    const { text } = await peers.d.request(Merged({ count, word }), wait);
    return Report({ text });
  },
});

export async function diamond(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  for (const stage of [stageA, stageB, stageC, stageD]) await runtime.start(stage);
  const entry = await runtime.start(dagCoordinator);

  // replies are matched by correlation, so requests may overlap
  const texts = ["a slow last stage slows the first one down", "nothing is lost silently"];
  const reports = await Promise.all(texts.map((text) => entry.request(Request({ text }), { timeout: 10_000 })));
  for (const { text } of reports) console.log(text);
}
