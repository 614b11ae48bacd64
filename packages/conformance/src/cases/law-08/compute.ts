import { f32, pipeline, toleranceOf, u32, unifiedBuffer } from "@ringline/core";
import { deepEqual, equal, ok, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import {
  byId,
  drift,
  everyThird,
  following,
  half,
  keeping,
  Mean,
  Measure,
  mean,
  Normal,
  Numbers,
  normalise,
  Pair,
  Particle,
  previous,
  ranked,
  running,
  Sample,
  Signal,
  Sized,
  scan,
  sized,
  smooth,
  square,
} from "../../kernels/compute.js";
import { range, take, telemetryWhen } from "../../support/handle.js";

const samples = (count: number) => range(count).map((n) => Sample({ id: n, group: (n * 7) % 9, x: n % 100 }));
const wave = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i / 10) * 3 + 1);

/** Checks that a value is near another, by the relative or absolute tolerance, whichever allows more. */
function near(actual: number, wanted: number, tolerance: number, what: string): void {
  ok(
    Math.abs(actual - wanted) <= tolerance * Math.max(1, Math.abs(wanted)),
    `${what}: got ${actual}, wanted ${wanted}`,
  );
}

function allNear(actual: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  equal(actual.length, wanted.length, "length");
  for (let i = 0; i < wanted.length; i++) near(actual[i] as number, wanted[i] as number, tolerance, `element ${i}`);
}

function normalised(values: Float32Array, gain: number): Float32Array {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return values.map((x) => ((x - min) / (max - min)) * gain);
}
const smoothed = (values: Float32Array) => values.map((x, i) => ((values[i - 1] ?? x) + x + (values[i + 1] ?? x)) / 3);

/** The sums of `running` as a loop makes them. */
function sums(all: readonly { group: number; x: number }[]): number[] {
  const slots = new Float64Array(5);
  return all.map(({ group, x }) => (slots[group % 5] = (slots[group % 5] as number) + x));
}

/** Compute kernels give the same results, whichever body a place runs. */
export const compute: readonly Case[] = [
  {
    law: 8,
    name: "compute: a map gives one output for each input, in order, caused by it",
    async run(trial) {
      const handle = await trial.runtime().start(square);
      const inputs = samples(3000);
      for (const sample of inputs.slice(0, 2000)) await handle.send(sample);
      const sending = Promise.all(inputs.slice(2000).map((sample) => handle.send(sample)));
      const outputs = await take(handle, inputs.length);
      await sending;
      outputs.forEach(({ id, y, correlationId }, i) => {
        equal(id, i, "id");
        near(y, (i % 100) ** 2, toleranceOf(square), `square ${i}`);
        equal(correlationId, inputs[i]?.messageId ?? null, "cause");
      });
      const { processed, sent } = await telemetryWhen(handle, "all done", (t) => t.processed === inputs.length);
      deepEqual([processed, sent], [3000, 3000], "processed, sent");
    },
  },
  {
    law: 8,
    name: "compute: a filter lets nothing through that it should not, and answers NO_REPLY for the rest",
    async run(trial) {
      const handle = await trial.runtime().start(everyThird);
      for (const n of range(1000)) await handle.send(Measure({ id: n, group: -n, y: n / 2 }));
      const outputs = await take(handle, 334);
      deepEqual(
        outputs.map(({ id, group, y }) => [id, group, y]),
        range(334).map((n) => [n * 3, 0 - n * 3, (n * 3) / 2]),
        "outputs",
      );
      await telemetryWhen(handle, "all done", (t) => t.processed === 1000);
      equal((await handle.request(Measure({ id: 9, group: 0, y: 1 }), soon)).id, 9, "answer");
      await rejects(handle.request(Measure({ id: 10, group: 0, y: 1 }), soon), "NO_REPLY");
    },
  },
  {
    law: 8,
    name: "compute: the messages of a slot reach its state in order, across batches",
    async run(trial) {
      const handle = await trial.runtime().start(running);
      const inputs = samples(3000);
      const sending = Promise.all(inputs.map((sample) => handle.send(sample)));
      const outputs = await take(handle, inputs.length);
      await sending;
      deepEqual(
        outputs.map(({ y }) => y),
        sums(inputs),
        "sums",
      );
    },
  },
  {
    law: 8,
    name: "compute: states behind each other have their messages in order, each by its own slots",
    async run(trial) {
      const flow = await trial.runtime().run(pipeline("states").stage(byId).stage(previous));
      // ids that lie in another order in the slots of the first state than they come
      const inputs = range(500).map((n) => Measure({ id: 1000 - n, group: n % 2, y: 0 }));
      const seen: number[][] = [];
      for await (const { id, y } of flow.process(inputs)) seen.push([id, y]);
      deepEqual(
        seen,
        range(500).map((n) => [1000 - n, n < 2 ? 0 : 1002 - n]),
        "ids, and those before them",
      );
    },
  },
  {
    law: 8,
    name: 'compute: outputs and answers come with effects "commit", once each',
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(square, { supervise: { effects: "commit" } });
      equal((await handle.request(Sample({ id: 1, group: 0, x: 3 }), soon)).y, 9, "answer");
      const sending = Promise.all(samples(200).map((sample) => handle.send(sample)));
      const outputs = await take(handle, 200);
      await sending;
      deepEqual(
        outputs.map(({ id }) => id),
        range(200),
        "ids",
      );
      await telemetryWhen(handle, "all done", ({ processed, sent }) => processed === 201 && sent === 201);
    },
  },
  {
    law: 8,
    name: "compute: each copy of a kernel has a state of its own",
    async run(trial) {
      const runtime = trial.runtime();
      const copies = [await runtime.start(running), await runtime.start(running.as("again"))];
      for (const copy of copies) {
        for (const sample of samples(20)) await copy.send(sample);
        const outputs = await take(copy, 20);
        deepEqual(
          outputs.map(({ y }) => y),
          sums(samples(20)),
          copy.id,
        );
      }
    },
  },
  {
    law: 8,
    name: "compute: vectors, arrays and inner structs go there and come back",
    async run(trial) {
      const handle = await trial.runtime().start(drift);
      for (const n of range(50)) {
        const inner = { n, d: n / 4 };
        await handle.send(Particle({ at: [n, -n, n / 2], mass: n, history: [n + 1, n + 2, n + 3], inner }));
      }
      for (const [n, { at, mass, history, inner }] of (await take(handle, 50)).entries()) {
        deepEqual([...at], [n + 1, 2 - n, n / 2 + 3], "at");
        deepEqual([mass, inner.n, inner.d], [n * 2, n + 1, -n / 4], "mass, inner");
        deepEqual(history, Float32Array.of(n, n + 1, n + 2), "history");
      }
    },
  },
  {
    law: 8,
    name: "compute: answers to requests, hundreds at a time",
    async run(trial) {
      const handle = await trial.runtime().start(square);
      const answers = await Promise.all(samples(300).map((sample) => handle.request(sample, soon)));
      deepEqual(
        answers.map(({ id }) => id),
        range(300),
        "answers",
      );
    },
  },
  {
    law: 8,
    name: "compute: nothing is delivered while deactivated, and drain brings all of it",
    async run(trial) {
      const handle = await trial.runtime().start(square);
      await handle.deactivate();
      for (const sample of samples(100)) await handle.send(sample);
      await rejects(handle.receive({ timeout: 30 }), "TIMEOUT");
      await handle.reactivate();
      const outputs = take(handle, 100);
      await handle.terminate({ drain: true, ...soon });
      equal((await outputs).length, 100, "outputs");
    },
  },
  {
    law: 8,
    name: "compute: a pipeline of maps gives what a loop gives, exactly once and in order",
    async run(trial) {
      const flow = await trial.runtime().run(pipeline("maps").stage(square).stage(everyThird).stage(half));
      const seen: number[][] = [];
      for await (const { id, y } of flow.process(samples(2000))) seen.push([id, y]);
      const wanted = range(667).map((n) => [n * 3, ((n * 3) % 100) ** 2 / 2]);
      deepEqual(seen, wanted, "outputs");
    },
  },
  {
    law: 8,
    name: "compute: a state behind a filter is given messages in order",
    async run(trial) {
      const flow = await trial.runtime().run(pipeline("ranks").stage(square).stage(everyThird).stage(ranked));
      const seen: number[][] = [];
      for await (const { id, group, y } of flow.process(samples(2000))) seen.push([id, group, y]);
      const wanted = range(667).map((n) => [n * 3, n + 1, 0]);
      deepEqual(seen, wanted, "outputs");
    },
  },
  {
    law: 8,
    name: "compute: programs over arrays, one by one and as a pipeline",
    async run(trial) {
      const runtime = trial.runtime();
      const values = wave(1000);
      const alone = await runtime.start(normalise);
      const request = Signal({ values: unifiedBuffer(f32, values), gain: 2 });
      const { values: out } = await alone.request(request, soon);
      allNear((await out.read()) as Float32Array, normalised(values, 2), toleranceOf(normalise));
      out.release();
      const flow = await runtime.run(pipeline("arrays").stage(normalise).stage(smooth));
      const signals = range(10).map((n) => Signal({ values: unifiedBuffer(f32, wave(100 + n)), gain: n + 1 }));
      let n = 0;
      for await (const { values: result } of flow.process(signals)) {
        allNear((await result.read()) as Float32Array, smoothed(normalised(wave(100 + n), n + 1)), toleranceOf(smooth));
        result.release();
        n++;
      }
      equal(n, 10, "results");
    },
  },
  {
    law: 8,
    name: "compute: a program gives fields beside its arrays",
    async run(trial) {
      const handle = await trial.runtime().start(mean);
      for (const count of [1, 64, 1000]) {
        const answer = await handle.request(Normal({ values: unifiedBuffer(f32, wave(count)) }), soon);
        near(answer.mean, wave(count).reduce((sum, x) => sum + x, 0) / count, toleranceOf(mean), "mean");
        deepEqual([answer.count, Mean.is(answer)], [count, true], "count, type");
      }
    },
  },
  {
    law: 8,
    name: "compute: integers wrap around",
    async run(trial) {
      const handle = await trial.runtime().start(following);
      const ask = async (n: number, i: number) => {
        const answer = await handle.request(Pair({ n, i }), soon);
        return [answer.n, answer.i];
      };
      deepEqual(await ask(1, -1), [2, 0], "within their range");
      deepEqual(await ask(4_294_967_295, 2_147_483_647), [0, -2_147_483_648], "beyond it");
    },
  },
  {
    law: 8,
    name: "compute: what no pass writes is zero, and an empty array has no elements",
    async run(trial) {
      const handle = await trial.runtime().start(keeping);
      const ask = async (values: number[]) => {
        const message = Normal({ values: unifiedBuffer(f32, values) });
        const { kept, points, sum, count } = await handle.request(message, soon);
        const got = [sum, count, points.length, ...(await kept.read())];
        kept.release();
        points.release();
        return got;
      };
      for (const round of range(4)) {
        deepEqual(await ask([1, 7 + round, 2]), [7 + round, 1, 3, 0, 7 + round, 0, 0], "some are written");
        deepEqual(await ask([]), [0, 0, 0, 0], "none is");
        deepEqual(await ask([1]), [0, 0, 1, 0, 0], "none is, though a pass runs");
      }
    },
  },
  {
    law: 8,
    name: "compute: a message whose sizes are none fails, and no other with it",
    async run(trial) {
      const runtime = trial.runtime();
      runtime.on("error", () => {});
      const handle = await runtime.start(sized);
      const got = await Promise.all(
        range(12).map(async (n) => {
          const message = Sized({ values: unifiedBuffer(f32, [n]), room: n % 4 === 3 ? -1 : 1 });
          try {
            const { values } = await handle.request(message, soon);
            const [value] = await values.read();
            values.release();
            return value;
          } catch (error) {
            return (error as { readonly code: string }).code;
          }
        }),
      );
      const wanted = range(12).map((n) => (n % 4 === 3 ? "INVALID_ARGUMENT" : n));
      deepEqual(got, wanted, "answers");
    },
  },
  {
    law: 8,
    name: "compute: a pass is done as often as the message says, and is told which time it is",
    async run(trial) {
      const handle = await trial.runtime().start(scan);
      for (const count of [0, 1, 2, 3, 64, 65, 1000]) {
        const numbers = range(count).map((n) => (n * 7) % 11);
        const message = Numbers({ numbers: unifiedBuffer(u32, numbers) });
        const { sums } = await handle.request(message, soon);
        const wanted = numbers.map((_, i) => numbers.slice(0, i + 1).reduce((sum, n) => sum + n, 0));
        deepEqual([...(await sums.read())], wanted, `${count} numbers`);
        sums.release();
      }
    },
  },
];
