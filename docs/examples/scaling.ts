import { type Backend, body, createRuntime, defineKernel, defineMessage, keyed, pipeline } from "@ringline/core";

const Order = defineMessage("Order", body<{ customer: string }>());
const Count = defineMessage("Count", body<{ customer: string; orders: number }>());

export const count = defineKernel({
  id: "count",
  module: import.meta.url,
  input: Order,
  output: Count,
  state: keyed(() => 0),
  handle({ customer }, ctx) {
    const orders = ctx.state.get(customer) + 1;
    ctx.state.set(customer, orders);
    return Count({ customer, orders });
  },
});

/** One worker, and up to four while messages wait. */
export const counts = pipeline("counts").stage(count, { by: { key: "customer" }, workers: { min: 1, max: 4 } });

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  runtime.on("scaled", ({ stage, from, to, by }) => console.log(`${stage}: ${from} → ${to}, by ${by}`));

  await using flow = await runtime.run(counts);
  for (const workers of [3, 1]) {
    for (const customer of ["Ann", "Bob", "Ann", "Cid"]) await flow.send(Order({ customer }));
    await flow.scale("count", workers, { by: "the operator" });
  }
  for (let i = 0; i < 8; i++) {
    const { customer, orders } = await flow.receive({ timeout: 1000 });
    console.log(`${customer} ${orders}`);
  }
}
