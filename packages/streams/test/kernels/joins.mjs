import { body, defineMessage } from "@ringline/core";
import { defineJoinKernel, defineLookupKernel } from "@ringline/streams";

export const Order = defineMessage("Order", /** @type {typeof body<{ at: number, id: string, n: number }>} */ (body)());
export const Payment = defineMessage(
  "Payment",
  /** @type {typeof body<{ at: number, id: string, n: number }>} */ (body)(),
);
export const Pair = defineMessage("Pair", /** @type {typeof body<{ line: string }>} */ (body)());

export const paid = defineJoinKernel({
  id: "paid",
  module: import.meta.url,
  left: Order,
  right: Payment,
  output: Pair,
  time: "at",
  key: "id",
  within: 30,
  outOfOrder: 50,
  join: (order, payment) => Pair({ line: `${order.n}-${payment.n}` }),
  unmatched: ({ type, n }) => Pair({ line: `${type} ${n}` }),
});

export const priced = defineLookupKernel({
  id: "priced",
  module: import.meta.url,
  table: Payment,
  events: Order,
  output: Pair,
  key: "id",
  maxRows: 2,
  join: (order, row) => Pair({ line: `${order.n}: ${row?.n}` }),
});
