import { type Backend, body, createRuntime, defineKernel, defineMessage, graph, pipeline } from "@ringline/core";

const Order = defineMessage("Order", body<{ id: number; total: number }>());
const Bill = defineMessage("Bill", body<{ text: string }>());

export const tax = defineKernel({
  id: "tax",
  module: import.meta.url,
  input: Order,
  output: Order,
  handle: ({ id, total }) => Order({ id, total: total * 1.2 }),
});
export const bill = defineKernel({
  id: "bill",
  module: import.meta.url,
  input: Order,
  output: Bill,
  handle: ({ id, total }) => Bill({ text: `order ${id}: ${total.toFixed(2)}` }),
});

/** A chain. Types that do not match do not compile. */
export const billing = pipeline("billing").stage(tax, { workers: 2 }).stage(bill);

/** Any acyclic shape: here a route whose branches merge. A pipeline can be a stage. */
export const shop = graph("shop", Order, (orders, { merge }) => {
  const { large, small } = orders.route({ large: ({ total }) => total >= 100, small: ({ total }) => total < 100 });
  return merge(large.stage(billing), small.stage(bill.as("receipt")));
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  await using flow = await runtime.run(shop);

  const orders = [Order({ id: 1, total: 100 }), Order({ id: 2, total: 300 })];
  for await (const { text } of flow.process(orders)) console.log(text);

  console.log((await flow.request(Order({ id: 3, total: 5 }), { timeout: 1000 })).text);
}
