// Orders and trades of a market in, one line for each trade with its order: how long it took, and at which price. Orders
// without a trade are told as well. Both streams may be in disorder.
import { type Backend, body, createRuntime, defineMessage, pipeline } from "@ringline/core";
import { defineJoinKernel } from "@ringline/streams";

const Order = defineMessage("Order", body<{ order: string; at: number; side: string; limit: number }>());
const Trade = defineMessage("Trade", body<{ order: string; at: number; price: number }>());
const Report = defineMessage("Report", body<{ text: string }>());

/** Milliseconds in which an order is filled, or is none of this session. */
const WITHIN = 60_000;

export const fills = defineJoinKernel({
  id: "fills",
  module: import.meta.url,
  left: Order,
  right: Trade,
  output: Report,
  key: "order",
  time: "at",
  within: WITHIN,
  outOfOrder: 5_000,
  join({ order, side, limit, at }, trade) {
    const better = (side === "buy" ? limit - trade.price : trade.price - limit).toFixed(2);
    return Report({
      text: `${order}: ${side} at ${trade.price} after ${trade.at - at} ms, ${better} better than its limit`,
    });
  },
  unmatched: (event) =>
    Report({ text: `${event.order}: ${event.type === "Order" ? "no trade" : "a trade without an order"}` }),
});

export const book = pipeline("book").stage(fills, { workers: 2, by: { key: "order" } });

/** Lines of `order,id,milliseconds,side,limit` and `trade,id,milliseconds,price`. */
export async function orderBook(backend: Backend, lines: readonly string[]): Promise<string[]> {
  await using runtime = createRuntime({ backend });
  await using flow = await runtime.run(book);
  const reports: string[] = [];
  for await (const { text } of flow.process(lines.map(eventOf))) reports.push(text);
  return reports;
}

function eventOf(line: string) {
  const [kind, order = "", at, ...rest] = line.split(",");
  if (kind === "trade") return Trade({ order, at: Number(at), price: Number(rest[0]) });
  return Order({ order, at: Number(at), side: rest[0] ?? "", limit: Number(rest[1]) });
}
