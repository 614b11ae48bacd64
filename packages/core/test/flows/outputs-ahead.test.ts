import { expect, test } from "vitest";
import { createRuntime, pipeline } from "../../src/index.js";
import { all, door, N, numbers, plus, range, stage } from "../support/flow-kit.js";
import { local } from "../support/local-backend.js";
import { quiet } from "../support/settling.js";

/** Accepts outputs before the next stage has room for them, as a backend beyond a network does. */
const ahead = () => createRuntime({ backend: { ...local(), shortcut: "ahead" } });

test("outputs that wait for the next stage go on in order, in each number of them", async () => {
  await using runtime = ahead();
  for (const queueSize of [1, 2, 7, 64]) {
    const many = stage("many", ({ n }) => [0, 1, 2].map((k) => N({ n: 3 * n + k })), { queueSize });
    const slow = stage("slow", (message) => quiet().then(() => message), { queueSize: 1 });
    await using flow = await runtime.run(pipeline(`line${queueSize}`).stage(many).stage(slow).stage(plus("last", 0)));
    const seen = await all(flow.process(numbers(100)));
    expect(seen.map(({ n }) => n)).toEqual(range(300));
  }
});

test("a stage is held up once its outputs have no room ahead", async () => {
  await using runtime = ahead();
  const { opened, open } = door();
  let made = 0;
  const counted = (message: N) => {
    made++;
    return message;
  };
  const first = stage("first", counted, { queueSize: 4 });
  const shut = stage("shut", (message) => opened.then(() => message), { queueSize: 1 });
  await using flow = await runtime.run(pipeline("held").stage(first).stage(shut));
  const results = all(flow.process(numbers(100)));
  await expect.poll(() => made).toBeGreaterThan(4);
  await quiet();
  // one in flight, one queued, those ahead, one with the kernel
  expect(made).toBeLessThanOrEqual(8);
  open();
  expect((await results).map(({ n }) => n)).toEqual(range(100));
});

test("outputs that wait for a stage become dead letters when it ends, and their inputs are settled", async () => {
  await using runtime = ahead();
  runtime.on("error", () => {});
  const { opened, open } = door();
  const first = stage("first", (message) => message, { queueSize: 8 });
  const breaks = stage("breaks", () => opened.then(() => Promise.reject(new Error("broken"))), {
    ...{ queueSize: 1, onError: "fail", supervise: { restart: "never" } },
  });
  await using flow = await runtime.run(pipeline("broken").stage(first).stage(breaks));
  const results = all(flow.process(numbers(6)));
  results.catch(() => {});
  await expect.poll(async () => (await flow.telemetry()).stages[0]?.ledger.input.done).toBeGreaterThan(3);
  open();
  await expect(results).rejects.toMatchObject({ code: "KERNEL_FAILED" });
  await flow.terminate();
  expect(runtime.deadLetters.size).toBe(6);
});
