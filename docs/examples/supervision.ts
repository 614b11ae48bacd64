import { type Backend, body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";

const Payment = defineMessage("Payment", body<{ n: number; amount: number }>());
const Receipt = defineMessage("Receipt", body<{ n: number; total: number }>());

/** Adds up payments and keeps the total over restarts. The first incarnation crashes in the middle of the third payment. */
export const cashier = defineKernel({
  id: "cashier",
  module: import.meta.url,
  input: Payment,
  output: Receipt,
  state: body<{ total: number }>(),
  supervise: {
    restart: "on-failure",
    limit: { max: 5, window: 10_000 },
    backoff: { initial: 1 },
    onCrash: "retry",
    effects: "commit",
  },
  async run(ctx) {
    const isFirst = ctx.restored === undefined;
    let { total } = ctx.restored ?? { total: 0 };
    for await (const { n, amount } of ctx) {
      total += amount;
      await ctx.send(Receipt({ n, total }));
      await ctx.checkpoint({ total });
      if (isFirst && n === 3) throw new Error("power cut");
    }
  },
});

export const check = defineKernel({
  id: "check",
  module: import.meta.url,
  input: Payment,
  output: Payment,
  handle: (payment) => (payment.amount > 0 ? payment : undefined),
});

/** A pipeline of which both stages restart when one of them fails. */
export const till = pipeline("till", { supervise: "all-for-one" }).stage(check).stage(cashier);

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  runtime.on("error", () => {}); // one error before each restart
  const payments = [1, 2, 3, 4].map((n) => Payment({ n, amount: 10 }));

  const careful = await runtime.start(cashier);
  for (const payment of payments) await careful.send(payment);
  for (let n = 1; n <= 4; n++) print(careful.id, await careful.receive({ timeout: 5000 }));
  console.log(`${careful.id}: ${(await careful.telemetry()).restarts} restart`);

  // the same without "commit": outputs from before the crash are sent again, and the state has already changed
  const careless = await runtime.start(cashier, { id: "careless", supervise: { effects: "immediate" } });
  for (const payment of payments) await careless.send(payment);
  for (let n = 1; n <= 5; n++) print(careless.id, await careless.receive({ timeout: 5000 }));

  await using flow = await runtime.run(till);
  for await (const receipt of flow.process(payments)) print(flow.id, receipt);
  const { stages } = await flow.telemetry();
  for (const { stage, restarts } of stages) console.log(`${stage}: ${restarts} restart`);
}

function print(by: string, { n, total }: { n: number; total: number }): void {
  console.log(`${by}: payment ${n}, total ${total}`);
}
