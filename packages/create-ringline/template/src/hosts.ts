import { createRuntime } from "@ringline/core";
import { nats } from "@ringline/nats";
import { Line, lines } from "./kernels.js";

// Runs the kernels on hosts: processes that `npm run host` starts, here or on other machines.
const runtime = createRuntime({ backend: nats({ servers: "127.0.0.1:4222" }) });
const flow = await runtime.run(lines);
const texts = ["to be or not to be", "", "that is the question"];
for await (const { count, longest } of flow.process(texts.map((text) => Line({ text })))) {
  console.log(`${count} words, the longest is "${longest}"`);
}
await runtime.dispose();
