import { deepEqual, equal, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { Cargo, sorter } from "../../kernels/cargo.js";
import { Task } from "../../kernels/messages.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { batcher, handler, looper } from "../../kernels/workers.js";
import { range, take, telemetryWhen } from "../../support/handle.js";

const kernels = [handler, looper, batcher];

/** Tasks with none, one and several results. */
const program = range(60).map((n) => Task({ n, outputs: n % 4 }));
const wanted = program.flatMap(({ n, outputs = 1 }) => range(outputs).map((index) => ({ n, index })));

const numbers = ({ n, index }: { readonly n: number; readonly index: number }) => ({ n, index });

/** One program, written in three ways, gives the results of a plain loop. */
export const sameResults: readonly Case[] = [
  {
    law: 8,
    name: "sorter: a function for each type of message, called with messages of its type alone",
    async run(trial) {
      for (const backend of trial.places) {
        const handle = await trial.runtime().start(sorter, { backend });
        const first = await handle.request(Task({ n: 1 }), soon);
        const second = await handle.request(Cargo({ value: "b" }), soon);
        deepEqual([first.value, second.value], ["task 1", "cargo b"], backend);
      }
    },
  },
  ...kernels.map(
    (kernel): Case => ({
      law: 8,
      name: `${kernel.id}: none, one and several results for a message`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        for (const task of program) await handle.send(task);
        const results = await take(handle, wanted.length);
        deepEqual(results.map(numbers), wanted, "results");
        const { processed, sent } = await telemetryWhen(handle, "all done", (t) => t.processed === program.length);
        deepEqual([processed, sent], [program.length, wanted.length], "processed, sent");
      },
    }),
  ),
  ...kernels.map(
    (kernel): Case => ({
      law: 8,
      name: `${kernel.id}: results name what caused them`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        for (const task of program) await handle.send(task);
        for (const { n, correlationId } of await take(handle, wanted.length)) {
          equal(correlationId, program[n]?.messageId ?? null, `cause of a result of ${n}`);
        }
      },
    }),
  ),
  ...kernels.map(
    (kernel): Case => ({
      law: 8,
      name: `${kernel.id}: the same answers to requests, hundreds at a time`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        const asked = range(300).map((n) => handle.request(Task({ n }), soon));
        const answers = await Promise.all(asked);
        deepEqual(
          answers.map(({ n }) => n),
          range(300),
          "answers",
        );
      },
    }),
  ),
  ...kernels.map(
    (kernel): Case => ({
      law: 8,
      name: `${kernel.id}: the same in a chain of five`,
      async run(trial) {
        const runtime = trial.runtime();
        const first = await runtime.start(kernel);
        let last: typeof first = first;
        for (let i = 1; i < 5; i++) {
          const stage = await runtime.start((i % 2 === 0 ? passer : passLoop).as(`stage_${i}`));
          await runtime.connect(last, stage);
          last = stage as unknown as typeof first;
        }
        for (const task of program) await first.send(task);
        deepEqual(
          (await take(last, wanted.length)).map(({ n }) => n),
          wanted.map(({ n }) => n),
          "results",
        );
      },
    }),
  ),
];
