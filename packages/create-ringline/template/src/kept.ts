import { createRuntime, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { sqlite } from "@ringline/sqlite";
import { count, Line, split } from "./kernels.js";

// The file keeps each accepted line until it is done, whatever ends the program; the next program goes on with it.
const runtime = createRuntime({ backend: inProcess(), keep: sqlite("./state.db") });
const flow = await runtime.run(pipeline("kept-lines").stage(split, { durable: true }).stage(count));
const reading = (async () => {
  for await (const { count, longest } of flow) console.log(`${count} words, the longest is "${longest}"`);
})();
const texts = ["to be or not to be", "", "that is the question"];
// Each resolves once it is stored. A line that is sent again is known by its key, also in the next program.
for (const [n, text] of texts.entries()) await flow.send(Line({ text }, { key: `line ${n}` }));
await flow.drain();
await runtime.dispose();
await reading.catch(() => {}); // the flow has ended
