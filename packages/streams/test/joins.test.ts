import { createRuntime, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { workerThreads } from "@ringline/worker-threads";
import { describe, expect, test } from "vitest";
import { disordered, randomFrom } from "./batch.js";
import { Order, Payment, paid, priced } from "./kernels/joins.mjs";

const backends = { "in process": inProcess, "worker threads": () => workerThreads({ threads: 2 }) };

describe.each(Object.entries(backends))("%s", (_, backend) => {
  test("all pairs within the time, once, and every event without a partner", async () => {
    await using runtime = createRuntime({ backend: backend() });
    const flow = await runtime.run(pipeline("join").stage(paid, { workers: 2, by: { key: "id" } }));
    for (let seed = 1; seed <= 20; seed++) {
      const random = randomFrom(seed);
      const rows = disordered(200, 50, random).map(({ at, user, n }) => ({ at, id: user, n, isOrder: random() < 0.5 }));
      const [orders, payments] = [rows.filter(({ isOrder }) => isOrder), rows.filter(({ isOrder }) => !isOrder)];
      const meets = (a: (typeof rows)[0], b: (typeof rows)[0]) => a.id === b.id && Math.abs(a.at - b.at) <= 30;
      const wanted = [
        ...orders.flatMap((one) => payments.filter((other) => meets(one, other)).map(({ n }) => `${one.n}-${n}`)),
        ...orders.filter((one) => !payments.some((other) => meets(one, other))).map(({ n }) => `Order ${n}`),
        ...payments.filter((one) => !orders.some((other) => meets(one, other))).map(({ n }) => `Payment ${n}`),
      ];
      const events = rows.map(({ isOrder, ...row }) => (isOrder ? Order(row) : Payment(row)));
      const seen: string[] = [];
      for await (const { line } of flow.process(events)) seen.push(line);
      expect(seen.sort(), `seed ${seed}`).toEqual(wanted.sort());
    }
    expect(flow.deadLetters.size).toBe(0);
  });
});

test("a stream that begins long after the other meets all of it", async () => {
  await using runtime = createRuntime({ backend: inProcess() });
  const flow = await runtime.run(pipeline("join").stage(paid));
  const times = Array.from({ length: 20 }, (_, n) => n * 100);
  const orders = times.map((at, n) => Order({ at, id: "a", n }));
  const payments = times.map((at, n) => Payment({ at: at + 10, id: "a", n }));
  const seen: string[] = [];
  for await (const { line } of flow.process([...orders, ...payments])) seen.push(line);
  expect(seen).toEqual(times.map((_, n) => `${n}-${n}`));
  expect(flow.deadLetters.size).toBe(0);
});

test("an event that could have met one that is gone is a dead letter", async () => {
  await using runtime = createRuntime({ backend: inProcess() });
  runtime.on("error", () => {});
  const flow = await runtime.run(pipeline("join").stage(paid));
  const events = [
    Order({ at: 0, id: "a", n: 1 }),
    Payment({ at: 200, id: "a", n: 2 }),
    Order({ at: 200, id: "a", n: 3 }),
  ];
  const late = Payment({ at: 10, id: "a", n: 4 });
  const seen: string[] = [];
  for await (const { line } of flow.process([...events, late])) seen.push(line);
  expect(seen).toEqual(["3-2", "Order 1"]);
  expect(flow.deadLetters.peek().map(({ reason, message }) => [reason, message.messageId])).toEqual([
    ["LATE_DATA", late.messageId],
  ]);
});

test("events meet the latest row of their key, of the rows that are kept", async () => {
  await using runtime = createRuntime({ backend: inProcess() });
  const flow = await runtime.run(pipeline("lookup").stage(priced));
  const row = (id: string, n: number) => Payment({ at: 0, id, n });
  const order = (id: string, n: number) => Order({ at: 0, id, n });
  const source = [
    row("a", 1),
    order("a", 1),
    row("b", 2),
    row("a", 3),
    order("a", 2),
    row("c", 4),
    order("b", 3),
    order("c", 4),
  ];
  const seen: string[] = [];
  for await (const { line } of flow.process(source)) seen.push(line);
  expect(seen).toEqual(["1: 1", "2: 3", "3: undefined", "4: 4"]);
});
