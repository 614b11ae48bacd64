import { type Backend, body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";

const Order = defineMessage("Order", body<{ n: number; customer: string }>());
const Priced = defineMessage("Priced", body<{ n: number; customer: string; price: number }>());
const Booked = defineMessage("Booked", body<{ n: number; text: string }>());

/** Takes longer for the first order than for the others. */
export const price = defineKernel({
  id: "price",
  module: import.meta.url,
  input: Order,
  output: Priced,
  async handle({ n, customer }) {
    await new Promise((done) => setTimeout(done, n === 0 ? 20 : 1));
    return Priced({ n, customer, price: n * 10 });
  },
});

/** Numbers the orders of each customer: right only if one worker gets all orders of a customer, in order. */
export const book = defineKernel({
  id: "book",
  module: import.meta.url,
  input: Priced,
  output: Booked,
  async run(ctx) {
    const counts = new Map<string, number>();
    for await (const order of ctx) {
      const count = (counts.get(order.customer) ?? 0) + 1;
      counts.set(order.customer, count);
      await ctx.send(
        Booked({ n: order.n, text: `${order.customer}'s number ${count}, ${order.price}` }, { replyTo: order }),
      );
    }
  },
});

export const orders = pipeline("orders")
  .stage(price, { workers: 3 })
  .stage(book, { workers: 2, by: { key: "customer" } });

/** The same, where the order of the results does not matter. */
export const unordered = pipeline("unordered").stage(price, { workers: 3, order: "unordered" });

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  const source = ["Ann", "Bob", "Ann", "Cid", "Bob", "Ann"].map((customer, n) => Order({ n, customer }));

  await using flow = await runtime.run(orders);
  for await (const { n, text } of flow.process(source)) console.log(`order ${n}: ${text}`);

  await using fastest = await runtime.run(unordered);
  let total = 0;
  for await (const order of fastest.process(source)) total += order.price;
  console.log(`as they come: ${total} in total`);
}
