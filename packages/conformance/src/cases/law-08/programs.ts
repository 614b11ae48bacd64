import { f32, u32, unifiedBuffer } from "@ringline/core";
import { deepEqual, equal, PATIENCE } from "../../assert.js";
import type { Case } from "../../case.js";
import { above, binned, Edges, Grid, reached, Sequence, sorted, turned } from "../../kernels/programs.js";
import { range } from "../../support/handle.js";

const WAIT = { timeout: PATIENCE };
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
        const { values } = await handle.request(message, WAIT);
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
            const { found, sum } = await handle.request(sequence(values), WAIT);
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
        const { bins } = await handle.request(sequence(scattered(count)), WAIT);
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
        const answer = await handle.request(message, WAIT);
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
        const { distances, rounds } = await handle.request(message, WAIT);
        const wanted = range(chain + fan + alone).map((n) => (n < chain ? n + 1 : n < chain + fan ? chain + 1 : 0));
        deepEqual([...(await distances.read())], wanted, "distances");
        equal(rounds, chain + (fan > 0 ? 1 : 0), "rounds");
        distances.release();
      }
    },
  },
];
