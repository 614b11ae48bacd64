import { pipeline } from "@ringline/core";
import { deepEqual, equal, ok, PATIENCE, soon, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { forward } from "../../kernels/line.js";
import { Task } from "../../kernels/messages.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { handler, looper } from "../../kernels/workers.js";
import { settled } from "../../ledger.js";
import { countsOf, outputsOf } from "../../support/flows.js";
import { range, tasks } from "../../support/handle.js";

const bodies = [
  { first: handler, second: passer, kind: "functions" },
  { first: looper, second: passLoop, kind: "loops" },
] as const;

/** Tasks with no output, with several, and tasks that fail. */
const mixed = (count: number) =>
  range(count).map((n) =>
    Task({
      n,
      ...(n % 5 === 0 && { outputs: 0 }),
      ...(n % 7 === 0 && { outputs: 3 }),
      ...(n % 11 === 0 && { fail: "11" }),
    }),
  );
const wanted = (n: number) => (n % 11 === 0 ? 0 : n % 7 === 0 ? 3 : n % 5 === 0 ? 0 : 1);

export const flows: readonly Case[] = [
  ...[1, 3].map(
    (workers): Case => ({
      law: 1,
      name: `flow: inputs that give none, one, several or fail, workers: ${workers}: each settles once`,
      async run(trial) {
        const runtime = trial.runtime();
        const flow = await runtime.run(pipeline("mixed").stage(handler, { workers }).stage(passer, { workers }));
        const outputs = await outputsOf(flow, mixed(300));
        const counts = countsOf(outputs.map(({ n }) => n));
        for (const n of range(300)) equal(counts.get(n) ?? 0, wanted(n), `outputs of ${n}`);
        const failed = flow.deadLetters.take().map(({ message }) => (message as Task).n);
        deepEqual(
          [...failed].sort((a, b) => a - b),
          range(300).filter((n) => n % 11 === 0),
          "failed",
        );
        const { inFlight, stages } = await flow.telemetry();
        equal(inFlight, 0, "in flight");
        for (const { stage, ledger } of stages) settled(stage, ledger.input);
      },
    }),
  ),
  ...bodies.map(
    ({ first, second, kind }): Case => ({
      law: 1,
      name: `flow of ${kind}: 2000 inputs with room for few, each arrives exactly once, in order`,
      async run(trial) {
        const runtime = trial.runtime();
        const narrow = { queueSize: 3 };
        const flow = await runtime.run(pipeline("narrow").stage(first, narrow).stage(second, narrow), {
          maxInFlight: 9,
        });
        const outputs = await outputsOf(flow, tasks(2000));
        deepEqual(
          outputs.map(({ n }) => n),
          range(2000),
          "outputs",
        );
      },
    }),
  ),
  {
    law: 1,
    name: "flow: what is left at its end becomes dead letters, and its kernels are gone",
    async run(trial) {
      const runtime = trial.runtime();
      const flow = await runtime.run(pipeline("ending").stage(handler).stage(passer));
      await flow.pause();
      for (const task of tasks(20)) await flow.send(task);
      await flow.terminate();
      const deadLetters = flow.deadLetters.take({ reason: "TERMINATED" });
      deepEqual(
        deadLetters.map(({ message }) => (message as Task).n),
        range(20),
        "letters",
      );
      for (const { stage } of deadLetters) equal(stage, "handler", "stage");
      equal(runtime.kernels.length, 0, "kernels left");
      await runtime.start(handler.as("ending.handler"));
    },
  },
  ...(["a break", "an abort", "an error of the source"] as const).map(
    (how): Case => ({
      law: 1,
      name: `flow: when the loop over process has ended by ${how}, its dead letters are there`,
      async run(trial) {
        const line = pipeline("slow").stage(handler, { workers: 2, queueSize: 16 }).stage(passer, { queueSize: 16 });
        const flow = await trial.runtime().run(line, { maxInFlight: 32 });
        const controller = new AbortController();
        let pulled = 0;
        const source = {
          *[Symbol.iterator]() {
            for (;;) {
              if (how === "an error of the source" && pulled === 40) throw new RangeError("of the source");
              yield Task({ n: pulled++, delay: 2 });
            }
          },
        };
        let read = 0;
        const reading = async () => {
          for await (const _ of flow.process(source, { signal: controller.signal })) {
            if (++read < 10) continue;
            if (how === "a break") break;
            if (how === "an abort") controller.abort();
          }
        };
        await within(PATIENCE, reading(), "the loop").catch(() => {});
        const deadLetters = flow.deadLetters.size;
        await flow.drain(soon);
        // each of three workers may have one in hand
        const isThere = deadLetters >= flow.deadLetters.size - 3;
        ok(isThere, `${deadLetters} letters as the loop ended, ${flow.deadLetters.size} in the end`);
        equal(read + flow.deadLetters.size, pulled, "outputs and dead letters");
      },
    }),
  ),
  {
    law: 1,
    name: "flow: a replayed letter is an input again: in flight, counted against the most, and waited for by drain",
    async run(trial) {
      const runtime = trial.runtime();
      const line = pipeline("replayed").stage(forward).stage(handler, { workers: 2 });
      const flow = await runtime.run(line, { maxInFlight: 4 });
      for (const n of range(10)) await flow.send(Task({ n, fail: "always" }));
      await flow.drain(soon);
      const deadLetters = flow.deadLetters.peek();
      equal(deadLetters.length, 10, "letters");
      const most = { inFlight: 0 };
      using _ = runtime.on("deadLetter", async () => {
        most.inFlight = Math.max(most.inFlight, (await flow.telemetry()).inFlight);
      });
      equal(await flow.deadLetters.replay(deadLetters, soon), 10, "replayed");
      await flow.drain(soon);
      equal(flow.deadLetters.size, 10, "letters after another try of each");
      equal((await flow.telemetry()).stages[1]?.received, 20, "deliveries to the stage");
      ok(most.inFlight <= 4, `${most.inFlight} in flight`);
    },
  },
  {
    law: 1,
    name: "flow: a replayed letter of one of several workers that all get everything goes to that worker alone",
    async run(trial) {
      const flow = await trial.runtime().run(pipeline("cast").stage(handler, { workers: 3, by: "broadcast" }));
      await flow.send(Task({ n: 1, fail: "always" }));
      await flow.drain(soon);
      equal(await flow.deadLetters.replay(flow.deadLetters.peek()), 3, "replayed");
      await flow.drain(soon);
      equal(flow.deadLetters.size, 3, "letters after another try of each");
    },
  },
  {
    law: 1,
    name: "flow: leaving process makes an output or a dead letter of each input that was pulled",
    async run(trial) {
      const runtime = trial.runtime();
      const flow = await runtime.run(pipeline("left").stage(handler).stage(passer, { workers: 2 }), {
        maxInFlight: 1000, // all of them have room among the dead letters
      });
      let pulled = 0;
      let returned = 0;
      const source = {
        [Symbol.iterator]: () => ({
          next: () => ({ done: false as const, value: Task({ n: pulled++ }) }),
          return: () => {
            returned++;
            return { done: true as const, value: undefined };
          },
        }),
      };
      let read = 0;
      const reading = async () => {
        for await (const _ of flow.process(source)) if (++read === 50) break;
      };
      await within(PATIENCE, reading(), "the loop");
      equal(returned, 1, "calls of return()");
      const before = pulled;
      await flow.drain(soon);
      await until("every input settled", () => read + flow.deadLetters.size === before);
      equal(pulled, before, "pulls after the loop was left");
      for (const { reason } of flow.deadLetters.take()) equal(reason, "CANCELLED", "reason");
      const again = await outputsOf(flow, tasks(5));
      deepEqual(
        again.map(({ n }) => n),
        range(5),
        "outputs of the next source",
      );
    },
  },
];
