import { createRuntime, type DeadLetter, type Kernel, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { workerThreads } from "@ringline/worker-threads";
import { describe, expect, test } from "vitest";
import { batch, disordered, type Row, randomFrom } from "./batch.js";
import * as kernels from "./kernels/windows.mjs";

const { DISORDER, Event, kinds } = kernels;
type Sum = ReturnType<typeof kernels.Sum>;

const backends = { "in process": inProcess, "worker threads": () => workerThreads({ threads: 2 }) };
const byKind = {
  tumbling: kernels.byTumbling,
  moved: kernels.byMoved,
  sliding: kernels.bySliding,
  session: kernels.bySession,
};
const lineOf = ({ key, from, to, count, sum }: Sum) => [key, from, to, count, sum].join(" ");

/** Outputs of one kernel in the process, for these rows; then of the flush. */
async function outputsOf(
  kernel: Kernel<string, ReturnType<typeof Event>, Sum, never>,
  rows: readonly Partial<Row & { from: string }>[],
) {
  await using runtime = createRuntime({ backend: inProcess() });
  runtime.on("error", () => {});
  const flow = await runtime.run(pipeline("windows").stage(kernel));
  const outputs: Sum[] = [];
  const events = rows.map((row) => Event({ user: "u", at: 0, n: 1, ...row }));
  for await (const output of flow.process(events)) outputs.push(output);
  const letters: readonly DeadLetter[] = flow.deadLetters.peek();
  return { outputs, seen: outputs.map((one) => `${one.firing} ${one.from}: ${one.sum}`), letters };
}

describe.each(Object.entries(backends))("%s", (_, backend) => {
  test.each(Object.keys(byKind) as (keyof typeof byKind)[])(
    "%s windows of disordered events equal a batch",
    async (kind) => {
      await using runtime = createRuntime({ backend: backend() });
      const flow = await runtime.run(pipeline("windows").stage(byKind[kind], { workers: 2, by: { key: "user" } }));
      for (let seed = 1; seed <= 20; seed++) {
        const rows = disordered(300, DISORDER, randomFrom(seed));
        const lines: string[] = [];
        for await (const sum of flow.process(rows.map((row) => Event(row)))) {
          expect([sum.firing, sum.revision]).toEqual(["on-time", 0]);
          lines.push(lineOf(sum));
        }
        expect(lines.sort(), `seed ${seed}`).toEqual(batch(rows, kinds[kind]));
      }
      expect(flow.deadLetters.size).toBe(0);
    },
  );
});

test("results come in the order of the windows' ends, and before the events after them", async () => {
  const rows = disordered(500, DISORDER, randomFrom(7));
  for (const kernel of Object.values(byKind)) {
    const { outputs } = await outputsOf(kernel, rows);
    const ends = outputs.map(({ to }) => to);
    expect(ends).toEqual([...ends].sort((a, b) => a - b));
  }
});

test("an event whose windows have closed is a dead letter, or goes elsewhere", async () => {
  const rows = [{ at: 10 }, { at: 150 }, { at: 99 }, { at: 160 }];
  const { seen, letters } = await outputsOf(kernels.strict, rows);
  expect(seen).toEqual(["on-time 0: 1", "on-time 100: 2"]);
  expect(letters.map(({ reason }) => reason)).toEqual(["LATE_DATA"]);
  expect(letters[0]?.error.details).toEqual({ time: 99, watermark: 150 });
  const side = await outputsOf(kernels.sideways, rows);
  expect(side.seen).toEqual(["on-time 0: 1", "side 99: 1", "on-time 100: 2"]);
  expect(side.letters).toEqual([]);
});

test("early and late results carry their revision, and the window is forgotten after its lateness", async () => {
  const rows = [{ at: 1 }, { at: 2 }, { at: 3 }, { at: 120 }, { at: 50 }, { at: 301 }, { at: 60 }];
  const { outputs, letters } = await outputsOf(kernels.lenient, rows);
  const seen = outputs.map(({ from, firing, revision, count }) => [from, firing, revision, count]);
  expect(seen).toEqual([
    [0, "early", 0, 2],
    [0, "on-time", 1, 3],
    [0, "late", 2, 4],
    [100, "on-time", 0, 1],
    [300, "on-time", 0, 1],
  ]);
  expect(letters.map(({ reason }) => reason)).toEqual(["LATE_DATA"]);
});

test("a late event extends a session that is still kept, and connects two", async () => {
  const { outputs } = await outputsOf(kernels.lenientSession, [{ at: 0 }, { at: 30 }, { at: 90 }, { at: 15 }]);
  expect(outputs.map(({ from, to, count, firing }) => [from, to, count, firing])).toEqual([
    [0, 20, 1, "on-time"],
    [30, 50, 1, "on-time"],
    [0, 50, 3, "late"],
    [90, 110, 1, "on-time"],
  ]);
});

test("the slowest source holds the watermark back, until it has fallen too far behind", async () => {
  const rows = [
    { at: 10, from: "a" },
    { at: 20, from: "b" },
    { at: 250, from: "a" },
    { at: 90, from: "b" },
    { at: 130, from: "b" },
    { at: 2000, from: "a" },
  ];
  const { outputs, letters } = await outputsOf(kernels.bySource, rows);
  expect(letters).toEqual([]);
  expect(outputs.map(({ from, count }) => [from, count])).toEqual([
    [0, 3],
    [100, 1],
    [200, 1],
    [2000, 1],
  ]);
});

test("open windows survive crashes exactly", async () => {
  await using runtime = createRuntime({ backend: inProcess() });
  runtime.on("error", () => {});
  const flow = await runtime.run(pipeline("kept").stage(kernels.kept, { onError: "fail" }), { maxInFlight: 8 });
  const rows = disordered(400, DISORDER, randomFrom(3));
  const random = randomFrom(4);
  kernels.faults.every = 13; // more than one attempt has results: it would fail forever
  const lines: string[] = [];
  async function* events() {
    for (const row of rows) {
      yield Event(row);
      if (random() < 0.2) await new Promise((resolve) => setImmediate(resolve));
    }
    kernels.faults.every = Number.POSITIVE_INFINITY;
  }
  for await (const sum of flow.process(events())) lines.push(lineOf(sum));
  expect(lines.sort()).toEqual(batch(rows, kinds.session));
  expect((await flow.telemetry()).stages[0]?.restarts).toBeGreaterThan(3);
});

test("an event without a time is refused by name", async () => {
  const { letters } = await outputsOf(kernels.strict, [{ at: Number.NaN }]);
  expect(letters[0]?.error.message).toContain("cannot be NaN");
});
