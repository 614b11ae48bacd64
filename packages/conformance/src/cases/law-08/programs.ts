import { f16, f32, pipeline, u32, unifiedBuffer } from "@ringline/core";
import { deepEqual, equal, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import {
  above,
  binned,
  columns,
  doubled,
  Edges,
  factors,
  Grid,
  graded,
  Halves,
  reached,
  Score,
  Sequence,
  sorted,
  total,
  turned,
  Whole,
} from "../../kernels/programs.js";
import { range } from "../../support/handle.js";

const sequence = (values: readonly number[]) => Sequence({ values: unifiedBuffer(u32, values) });
const scattered = (count: number) => range(count).map((n) => (n * 7919) % 1009);

/** Programs whose work depends on their data. */
export const programs: readonly Case[] = [
  {
    law: 8,
    name: "compute: each run of a pass gets its uniforms, and an array is updated in place while the input stays as it is",
    async run(trial) {
      const handle = await trial.runtime().start(sorted);
      for (const count of [0, 1, 2, 5, 64, 200]) {
        const message = sequence(scattered(count));
        const before = message.values.retain();
        const { values } = await handle.request(message, soon);
        const wanted = scattered(count).sort((a, b) => a - b);
        deepEqual([...(await values.read())], wanted, `${count} values`);
        deepEqual([...(await before.read())], scattered(count), "the input");
        values.release();
        before.release();
      }
    },
  },
  {
    law: 8,
    name: "compute: an output is as long as its counter says, and a message that counts beyond its capacity fails alone",
    async run(trial) {
      const runtime = trial.runtime();
      runtime.on("error", () => {});
      const handle = await runtime.start(above);
      const inputs = [[1, 10, 2, 30], [10, 11, 12], [1, 2], [], range(100).map((n) => (n % 3 === 0 ? n : 0)), [40]];
      const got = await Promise.all(
        inputs.map(async (values) => {
          try {
            const { found, sum } = await handle.request(sequence(values), soon);
            const all = [...(await found.read())].sort((a, b) => a - b);
            equal(all.length, found.length, "length");
            found.release();
            return [...all, sum];
          } catch (error) {
            const { code, details } = error as { readonly code: string; readonly details: { readonly needed: number } };
            return [code, details.needed];
          }
        }),
      );
      const thirds = range(34)
        .map((n) => n * 3)
        .filter((n) => n > 9);
      const sum = thirds.reduce((all, n) => all + n, 0);
      deepEqual(got, [[10, 30, 40], ["OUTPUT_OVERFLOW", 3], [0], [0], [...thirds, sum], [40, 40]], "answers");
    },
  },
  {
    law: 8,
    name: "compute: atomics and the memory of workgroups count exactly",
    async run(trial) {
      const handle = await trial.runtime().start(binned);
      for (const count of [0, 1, 15, 16, 17, 1000]) {
        const { bins } = await handle.request(sequence(scattered(count)), soon);
        const wanted = range(8).map((bin) => scattered(count).filter((n) => n % 8 === bin).length);
        deepEqual([...(await bins.read())], wanted, `${count} values`);
        bins.release();
      }
    },
  },
  {
    law: 8,
    name: "compute: passes in two and three dimensions reach each place once",
    async run(trial) {
      const handle = await trial.runtime().start(turned);
      for (const [wide, high, deep] of [
        [1, 1, 1],
        [5, 3, 2],
        [9, 17, 3],
        [0, 4, 1],
      ] as const) {
        const cells = range(wide * high * deep);
        const message = Grid({ cells: unifiedBuffer(f32, cells), wide, high, deep });
        const answer = await handle.request(message, soon);
        const at = (z: number, x: number, y: number) => (z * high + y) * wide + x;
        const wanted = range(deep).flatMap((z) => range(wide).flatMap((x) => range(high).map((y) => at(z, x, y))));
        deepEqual([...(await answer.cells.read())], wanted, `cells of ${wide} × ${high} × ${deep}`);
        const places = range(wide).flatMap((x) => range(high).map((y) => [x, y]));
        deepEqual(
          [...(await answer.places.read())].map((place) => [...place]),
          places,
          "places",
        );
        answer.cells.release();
        answer.places.release();
      }
    },
  },
  {
    law: 8,
    name: "compute: a loop runs until its counter stays 0, and a pass for as many elements as a counter says",
    async run(trial) {
      const handle = await trial.runtime().start(reached);
      // a chain of nodes with a fan at its end, and nodes that nobody reaches
      for (const [chain, fan, alone] of [
        [1, 0, 0],
        [1, 3, 2],
        [20, 70, 5],
      ] as const) {
        const edges = range(chain + fan + alone).map((node) => {
          if (node < chain - 1) return [node + 1];
          return node === chain - 1 ? range(fan).map((n) => chain + n) : [];
        });
        const starts = [0];
        for (const targets of edges) starts.push((starts.at(-1) as number) + targets.length);
        const message = Edges({ starts: unifiedBuffer(u32, starts), targets: unifiedBuffer(u32, edges.flat()) });
        const { distances, rounds } = await handle.request(message, soon);
        const wanted = range(chain + fan + alone).map((n) => (n < chain ? n + 1 : n < chain + fan ? chain + 1 : 0));
        deepEqual([...(await distances.read())], wanted, "distances");
        equal(rounds, chain + (fan > 0 ? 1 : 0), "rounds");
        distances.release();
      }
    },
  },
  {
    law: 8,
    name: "compute: a map reads its lookup arrays",
    async run(trial) {
      const runtime = trial.runtime();
      const flow = await runtime.run(pipeline("grades").stage(graded));
      const seen: number[][] = [];
      const scores = range(300).map((n) => Score({ id: n, points: n % 40 }));
      for await (const { id, grade, share } of flow.process(scores)) seen.push([id, grade, share]);
      const gradeOf = (n: number) => Math.min(3, Math.floor((n % 40) / 10));
      const wanted = range(300).map((n) => [n, gradeOf(n), gradeOf(n) / 4]);
      deepEqual(seen, wanted, "grades");
    },
  },
  {
    law: 8,
    name: "compute: a map gives several outputs in order, or none, and too many fail their message alone",
    async run(trial) {
      const runtime = trial.runtime();
      runtime.on("error", () => {});
      const deadLetters: string[] = [];
      runtime.on("deadLetter", ({ error }) => deadLetters.push(error?.code ?? ""));
      const flow = await runtime.run(pipeline("factors").stage(factors));
      const seen: number[][] = [];
      const numbers = range(20).map((n) => Whole({ n }));
      for await (const { whole, factor } of flow.process(numbers)) seen.push([whole, factor]);
      const wanted = range(20).flatMap(primesOf);
      deepEqual(seen, wanted, "factors");
      for await (const _ of flow.process([Whole({ n: 32 }), Whole({ n: 1 })])) throw new Error("none has outputs");
      deepEqual(deadLetters, ["OUTPUT_OVERFLOW"], "dead letters");
    },
  },
  {
    law: 8,
    name: "compute: constants of the text have the values of the definition",
    async run(trial) {
      const handle = await trial.runtime().start(columns);
      const { values } = await handle.request(sequence(range(20)), soon);
      const wanted = range(8).map((column) => 2 * range(20).reduce((sum, n) => sum + (n % 8 === column ? n : 0), 0));
      deepEqual([...(await values.read())], wanted, "sums");
      values.release();
    },
  },
  {
    law: 8,
    name: "compute: a kernel whose device lacks a feature runs another body",
    async run(trial) {
      const runtime = trial.runtime();
      const adder = await runtime.start(total);
      for (const count of [0, 1, 63, 64, 65, 1000]) {
        const answer = await adder.request(sequence(scattered(count)), soon);
        equal(
          answer.total,
          scattered(count).reduce((sum, n) => sum + n, 0),
          `sum of ${count}`,
        );
      }
      const handle = await runtime.start(doubled);
      const { halves } = await handle.request(Halves({ halves: unifiedBuffer(f16, [1, 0.5, -3]) }), soon);
      deepEqual([...(await halves.read())], [2, 1, -6], "halves");
      halves.release();
    },
  },
];

function primesOf(n: number): number[][] {
  const found: number[][] = [];
  for (let [left, factor] = [n, 2]; left > 1; ) {
    if (left % factor === 0) {
      found.push([n, factor]);
      left /= factor;
    } else factor++;
  }
  return found;
}
