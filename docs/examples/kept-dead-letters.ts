import { type Backend, createRuntime, type DeadLetterJson, type Keep } from "@ringline/core";
import { memoryKeeper } from "@ringline/core/testing";
import { amounts, Line, read } from "./dead-letters.js";

/** `keep`: in a program, `sqlite("./state.db")`. */
export async function main(backend: Backend, keep: Keep = memoryKeeper()): Promise<void> {
  const options = { backend, keep, keepDeadLetters: "amounts" };
  {
    await using first = createRuntime(options);
    first.on("error", () => {}); // each error is also a dead letter
    await using flow = await first.run(amounts);
    for await (const { euros } of flow.process([Line({ text: "2,5" })])) console.log(`${euros} euros`);
  }

  // the next program
  await using second = createRuntime(options);
  await second.deadLetters.kept(); // reads what is kept; the first launch does so as well
  const [letter] = second.deadLetters.peek();
  const json = JSON.parse(JSON.stringify(letter)) as DeadLetterJson;
  console.log(`${json.kernelId}: ${json.reason}, ${JSON.stringify(json.message["text"])}`);

  const reader = await second.start(read);
  const message = Line({ text: "2.5" }); // corrected by hand
  if (letter !== undefined) {
    await second.deadLetters.replay([{ ...letter, message }], { to: reader });
    second.deadLetters.discard([letter]);
  }
  console.log(`${(await reader.receive({ timeout: 1000 })).euros} euros`);
  await second.deadLetters.kept(); // stored: no later program finds the letter
  console.log(`${second.deadLetters.size} left`);
}
