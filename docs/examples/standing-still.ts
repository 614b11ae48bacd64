import { type Backend, body, createRuntime, defineKernel, defineMessage, isRinglineError, peer } from "@ringline/core";

const Question = defineMessage("Question", body<{ text: string }>());
const Answer = defineMessage("Answer", body<{ text: string }>());

/** Sends a request to the bank for each order. */
export const shop = defineKernel({
  id: "shop",
  module: import.meta.url,
  input: Question,
  output: Answer,
  peers: { bank: peer("bank", { input: Question, output: Answer }) },
  handle: ({ text }, { peers }) => peers.bank.request(Question({ text })),
});

/** Sends a request back to the shop, which is still processing the order. */
export const bank = defineKernel({
  id: "bank",
  module: import.meta.url,
  input: Question,
  output: Answer,
  peers: { shop },
  handle: ({ text }, { peers }) => peers.shop.request(Question({ text: `is it true: ${text}` })),
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  runtime.on("error", () => {});
  const handle = await runtime.start(shop);
  await runtime.start(bank);

  const requester = new AbortController();
  const asked = handle.request(Question({ text: "a book" }), { signal: requester.signal });
  let inspection = await runtime.inspect();
  while (inspection.cycles.length === 0) {
    await new Promise((done) => setTimeout(done, 1)); // until both wait
    inspection = await runtime.inspect();
  }
  for (const circle of inspection.cycles) console.log(`a circle: ${circle.join(" → ")} → ${circle[0]}`);
  for (const { kernelId, queued, inHand, waitsOn } of inspection.kernels) {
    const waits = waitsOn.map((wait) => `${wait.for} of ${wait.kernelId}`).join(", ");
    console.log(`${kernelId}: ${queued} queued, ${inHand} in hand, waits for ${waits}`);
  }

  requester.abort();
  const outcome: unknown = await asked.catch((error: unknown) => error);
  if (isRinglineError(outcome)) console.log(`the requester: ${outcome.code}`);
}
