import { type Backend, body, createRuntime, defineKernel, defineMessage, pipeline, StageFailure } from "@ringline/core";

const Job = defineMessage("Job", body<{ text: string }>());
const Trimmed = defineMessage("Trimmed", body<{ text: string }>());
const Parsed = defineMessage("Parsed", body<{ number: number }>());
const Inverted = defineMessage("Inverted", body<{ number: number }>());

export const trim = defineKernel({
  id: "trim",
  module: import.meta.url,
  input: Job,
  output: Trimmed,
  handle: ({ text }) => Trimmed({ text: text.trim() }),
});

export const parse = defineKernel({
  id: "parse",
  module: import.meta.url,
  input: Trimmed,
  output: Parsed,
  handle({ text }) {
    if (!/^\d+$/.test(text)) throw new SyntaxError(`"${text}" is not a number`);
    return Parsed({ number: Number(text) });
  },
});

export const invert = defineKernel({
  id: "invert",
  module: import.meta.url,
  input: Parsed,
  output: Inverted,
  handle({ number }) {
    if (number === 0) throw new RangeError("cannot divide by zero");
    return Inverted({ number: 1 / number });
  },
});

export const jobs = pipeline("jobs").stage(trim).stage(parse, { onError: "reply" }).stage(invert, { onError: "reply" });

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  runtime.on("error", ({ stage, cause }) => console.log(`(${stage} threw: ${cause})`));
  await using flow = await runtime.run(jobs);

  for (const text of [" 4 ", "four", "0"]) {
    const reply = await flow.request(Job({ text }), { timeout: 10_000 });
    if (StageFailure.is(reply)) console.log(`"${text}" failed in ${reply.stage}: ${reply.error.message}`);
    else console.log(`"${text}" gives ${reply.number}`);
  }
}
