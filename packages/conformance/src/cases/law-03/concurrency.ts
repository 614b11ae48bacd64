import { deepEqual, equal, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { Errand, orderly, unordered } from "../../kernels/crowds.js";
import { range } from "../../support/handle.js";
import { collect, quiet } from "../../support/traffic.js";

let cases = 0;
/** The name of a group that nobody else uses. */
export const group = (): string => `${cases++} ${Math.random()}`;

export const concurrency: readonly Case[] = [
  ...[orderly, unordered].map(
    (kernel): Case => ({
      law: 3,
      name: `concurrency: ${kernel.id} works on three messages at the same time, and not on more`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        const one = { group: group() };
        for (const n of range(9)) await handle.send(Errand({ ...one, n, ...(n < 3 && { together: 3 }) }));
        const results = await collect(handle, 9);
        equal(Math.max(...results.map(({ index }) => index)), 3, "bodies in progress");
        deepEqual(results.map(({ n }) => n).sort(), range(9), "results");
        await quiet(handle, { received: 9, processed: 9, sent: 9, input: { done: 9 } });
      },
    }),
  ),
  {
    law: 3,
    name: "concurrency: outputs keep the order of their inputs, whichever body ends first",
    async run(trial) {
      const handle = await trial.runtime().start(orderly);
      const one = { group: group() };
      for (const n of range(30)) await handle.send(Errand({ ...one, n, ...(n % 3 === 0 && { after: n + 2 }) }));
      deepEqual(
        (await collect(handle, 30)).map(({ n }) => n),
        range(30),
        "results",
      );
      await quiet(handle, { processed: 30, sent: 30 });
    },
  },
  {
    law: 3,
    name: 'concurrency: with the order "unordered" the first to end is the first',
    async run(trial) {
      const handle = await trial.runtime().start(unordered);
      const one = { group: group() };
      for (const n of range(3)) await handle.send(Errand({ ...one, n, ...(n === 0 && { after: 2 }) }));
      const results = (await collect(handle, 3)).map(({ n }) => n);
      equal(results[2], 0, "the last result");
    },
  },
  {
    law: 3,
    name: "concurrency: an answer to a request waits for no other",
    async run(trial) {
      const handle = await trial.runtime().start(orderly);
      const one = { group: group() };
      const answers: number[] = [];
      const requests = range(3).map(async (n) => {
        answers.push((await handle.request(Errand({ ...one, n, ...(n === 0 && { after: 2 }) }), soon)).n);
      });
      await Promise.all(requests);
      equal(answers[2], 0, "the last answer");
    },
  },
];
