import { type Backend, body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";

export const Line = defineMessage("Line", body<{ text: string }>());
const Amount = defineMessage("Amount", body<{ euros: number }>());

export const read = defineKernel({
  id: "read",
  module: import.meta.url,
  input: Line,
  output: Amount,
  handle({ text }) {
    const euros = Number(text);
    if (Number.isNaN(euros)) throw new SyntaxError(`no number: "${text}"`);
    return Amount({ euros });
  },
});

/** Reads lines that `read` cannot read. */
export const readComma = defineKernel({
  id: "read_comma",
  module: import.meta.url,
  input: Line,
  output: Amount,
  handle: ({ text }) => Amount({ euros: Number(text.replace(",", ".")) }),
});

export const amounts = pipeline("amounts").stage(read);

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend, deadLetterLimit: 1000 });
  runtime.on("error", () => {}); // each error is also a dead letter
  const reported: string[] = [];
  runtime.on("deadLetter", ({ kernelId, reason }) => void reported.push(`${kernelId}: ${reason}`));
  await using flow = await runtime.run(amounts);

  const lines = ["1.5", "2,5", "3"].map((text) => Line({ text }));
  for await (const { euros } of flow.process(lines)) console.log(`${euros} euros`);
  console.log(`reported: ${reported}`);

  const letters = flow.deadLetters.peek({ reason: "KERNEL_FAILED" });
  for (const { message, stage, attempts, error } of letters) {
    console.log(`${stage}, attempt ${attempts}: ${error.cause}`);
    console.log(`  the message: ${Line.is(message) ? message.text : message.type}`);
  }

  const other = await runtime.start(readComma);
  console.log(`${await flow.deadLetters.replay(letters, { to: other })} sent again`);
  console.log(`${(await other.receive({ timeout: 1000 })).euros} euros`);
  console.log(`${flow.deadLetters.size} left`);
}
