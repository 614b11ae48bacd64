import { type Backend, body, createRuntime, defineKernel, defineMessage, isRinglineError } from "@ringline/core";

const Quote = defineMessage("Quote", body<{ symbol: string }>());
const Price = defineMessage("Price", body<{ price: number }>());

export const exchange = defineKernel({
  id: "exchange",
  module: import.meta.url,
  input: Quote,
  output: Price,
  handle: ({ symbol }) => Price({ price: symbol.length }),
});

/** Sends a request to the exchange. It inherits the deadline of its own requester. */
export const broker = defineKernel({
  id: "broker",
  module: import.meta.url,
  input: Quote,
  output: Price,
  peers: { exchange },
  handle: (quote, { peers }) => peers.exchange.request(quote),
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  runtime.on("error", () => {});
  const back = await runtime.launch(exchange); // not active yet
  const front = await runtime.start(broker);

  const asked: unknown = await front.request(Quote({ symbol: "RING" }), { timeout: 200 }).catch((error) => error);
  if (isRinglineError(asked)) console.log(`the requester: ${asked.code}`);

  await back.send(Quote({ symbol: "LATE" }, { expiresIn: 5 }));
  await back.send(Quote({ symbol: "FRESH" }, { expiresIn: 60_000 }));
  await new Promise((done) => setTimeout(done, 20));

  await back.activate(); // only now: two of its three messages have expired
  console.log(`price ${(await back.receive({ timeout: 1000 })).price}`);
  const { received, deadLettered } = await back.telemetry();
  console.log(`the exchange processed ${received}, dead-lettered ${deadLettered}`);
  for (const { reason, message } of runtime.deadLetters.peek({ kernelId: "exchange" })) {
    console.log(`  ${reason}: ${Quote.is(message) ? message.symbol : message.type}`);
  }
}
