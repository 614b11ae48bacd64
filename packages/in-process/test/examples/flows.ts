import { body, createRuntime, defineKernel, defineMessage, graph, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";

const Line = defineMessage("Line", body<{ text: string }>());
const Length = defineMessage("Length", body<{ length: number }>());
const Words = defineMessage("Words", body<{ words: number }>());
const Facts = defineMessage("Facts", body<{ length: number; words: number }>());

const trim = defineKernel({ id: "trim", input: Line, output: Line, handle: ({ text }) => Line({ text: text.trim() }) });
const measure = defineKernel({
  id: "measure",
  input: Line,
  output: Length,
  handle: ({ text }) => Length({ length: text.length }),
});
const count = defineKernel({
  id: "count",
  input: Line,
  output: Words,
  handle: ({ text }) => Words({ words: text.split(/ +/).length }),
});

/** Each line goes to both, and what they find out about it meets again. */
const facts = graph("facts", Line, (line, { join }) => {
  const into = ({ l, w }: { l: { length: number }; w: { words: number } }) =>
    Facts({ length: l.length, words: w.words });
  return join(into, { l: line.stage(measure), w: line.stage(count) }, { timeout: 1000 });
});

export async function factsOf(lines: Iterable<string>): Promise<string[]> {
  await using runtime = createRuntime({ backend: inProcess() });
  await using flow = await runtime.run(pipeline("lines").stage(trim, { workers: 3 }).stage(facts));
  const found: string[] = [];
  function* source() {
    for (const text of lines) yield Line({ text });
  }
  for await (const { length, words } of flow.process(source())) found.push(`${words} words, ${length} letters`);
  return found;
}
