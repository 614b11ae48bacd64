import { type Backend, body, createRuntime, defineKernel, defineMessage } from "@ringline/core";

const Num = defineMessage("Number", body<{ n: number }>());

export const odd = defineKernel({
  id: "odd",
  module: import.meta.url,
  input: Num,
  output: Num,
  handle(message) {
    if (message.n === 4) throw new RangeError("four");
    return message.n % 2 === 1 ? message : undefined;
  },
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  runtime.on("error", () => {});
  const kernel = await runtime.start(odd);
  for (let n = 1; n <= 5; n++) await kernel.send(Num({ n }));
  for (let i = 0; i < 3; i++) await kernel.receive({ timeout: 1000 });

  const { received, processed, sent, errors, deadLettered, ledger } = await kernel.telemetry();
  console.log(`received ${received}: processed ${processed}, dead-lettered ${deadLettered}`);
  console.log(`sent ${sent}, errors ${errors}`);
  console.log(`input: ${JSON.stringify(ledger.input)}`);

  const ledgers = await runtime.dispose();
  console.log(`at the end: ${[...ledgers.keys()].join(", ")}`);
}
