import { body, defineMessage, graph, pipeline, StageFailure } from "@ringline/core";
import { deepEqual, equal, ok, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { decided, nested, picky } from "../../kernels/line.js";
import { type Result, Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { outputsOf } from "../../support/flows.js";
import { range } from "../../support/handle.js";

const Both = defineMessage("Both", body<{ readonly x: Result; readonly y: Result }>());
const some = (count: number) => range(count).map((n) => Task({ n, ...(n % 3 === 0 && { fail: "three" }) }));

export const flows: readonly Case[] = [
  {
    law: 6,
    name: "flow: a failure shows with its stage: to the asker, in the event, in the dead letters, in telemetry",
    async run(trial) {
      const runtime = trial.runtime();
      const flow = await runtime.run(pipeline("failing").stage(handler, { name: "parse", workers: 2 }).stage(passer));
      const error = await rejects(flow.request(Task({ n: 1, fail: "on purpose" }), soon), "KERNEL_FAILED");
      equal(error.stage, "parse", "stage");
      ok(error.kernelId?.startsWith("failing.parse_"), `kernel ${error.kernelId}`);
      equal((error.cause as Error | undefined)?.message, "on purpose", "cause");
      deepEqual(
        trial.errors.map(({ stage }) => stage),
        ["parse"],
        "stages of the error events",
      );
      const [deadLetter] = flow.deadLetters.peek();
      equal(deadLetter?.stage, "parse", "stage of the letter");
      equal(deadLetter?.attempts, 1, "attempts");
      const { stages } = await flow.telemetry();
      deepEqual(
        stages.map(({ stage, errors }) => [stage, errors]),
        [
          ["parse", 1],
          ["passer", 0],
        ],
        "errors by stage",
      );
    },
  },
  {
    law: 6,
    name: 'flow: onError "reply" puts a failure in the place of the result, which passes by all later stages, in order',
    async run(trial) {
      const runtime = trial.runtime();
      const line = pipeline("replying").stage(handler, { onError: "reply", workers: 2 }).stage(passer, { workers: 3 });
      const flow = await runtime.run(line);
      const inputs = some(60);
      const outputs = await outputsOf(flow, inputs);
      const seen = outputs.map((output) => (StageFailure.is(output) ? `failed ${output.failedId}` : `${output.n}`));
      deepEqual(
        seen,
        inputs.map(({ n, fail, messageId }) => (fail ? `failed ${messageId}` : `${n}`)),
        "outputs",
      );
      const answer = await flow.request(Task({ n: 0, fail: "asked" }), soon);
      ok(StageFailure.is(answer), "the answer is a failure");
      equal(answer.stage, "handler", "stage");
      equal(answer.error.code, "KERNEL_FAILED", "code");
      equal(flow.deadLetters.size, 0, "dead letters");
    },
  },
  ...[decided, nested].map(
    (line): Case => ({
      law: 6,
      name: `flow: a function as onError of a stage decides, wherever the stage runs: ${line.name}`,
      async run(trial) {
        const flow = await trial.runtime().run(line);
        const outputs = await outputsOf(flow, [
          Task({ n: 1 }),
          Task({ n: 2, fail: "answer" }),
          Task({ n: 3, fail: "reply" }),
          Task({ n: 4, fail: "none" }),
        ]);
        const stage = line === decided ? "chosen" : "inner/chosen";
        deepEqual(
          outputs
            .map((output) => (StageFailure.is(output) ? `failed at ${output.stage}` : `${output.n} ${output.fail}`))
            .sort(),
          ["1 undefined", `2 ${stage}`, `failed at ${stage}`],
          "outputs",
        );
        equal(flow.deadLetters.size, 1, "dead letters");
      },
    }),
  ),
  {
    law: 6,
    name: "flow: a function as onError of a stage without a module works, or is refused where messages are copied",
    async run(trial) {
      for (const backend of trial.places) {
        const line = pipeline("loose").stage(picky, { backend, onError: () => "reply" as const });
        const running = trial.runtime().run(line);
        if (trial.manifest(backend).transport === "copy") await rejects(running, "INVALID_ARGUMENT", backend);
        else ok(StageFailure.is(await (await running).request(Task({ n: 1, fail: "x" }), soon)), backend);
      }
    },
  },
  {
    law: 6,
    name: "flow: a failed branch of a join gives one failure, one that gives nothing a dead letter of what came",
    async run(trial) {
      const runtime = trial.runtime();
      const joined = graph("joining", Task, (task, { join }) => {
        const x = task.stage(handler, { name: "x", onError: "reply" });
        const y = task.stage(handler, { name: "y", onError: "reply" }).filter(({ n }) => n !== 100);
        return join(Both, { x, y }, { timeout: 60_000, name: "meet" });
      });
      const flow = await runtime.run(joined);
      const outputs = await outputsOf(flow, [...some(30), Task({ n: 100 })]);
      equal(outputs.filter(StageFailure.is).length, 10, "failures");
      const pairs = outputs.flatMap((output) => (StageFailure.is(output) ? [] : [[output.x.n, output.y.n]]));
      const whole = range(30).filter((n) => n % 3 !== 0);
      deepEqual(
        pairs.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0)),
        whole.map((n) => [n, n]),
        "pairs",
      );
      const deadLetters = flow.deadLetters.take();
      deepEqual(
        deadLetters.map(({ reason, stage }) => [reason, stage]),
        [["JOIN_INCOMPLETE", "meet"]],
        "letters",
      );
      deepEqual(deadLetters[0]?.error.details, { node: "meet", missing: ["y"] } as never, "details");
      await rejects(flow.request(Task({ n: 100 }), soon), "JOIN_INCOMPLETE");
    },
  },
  {
    law: 6,
    name: "flow: what no route takes, and what a function throws, is a dead letter with the name of the node",
    async run(trial) {
      const runtime = trial.runtime();
      const routed = graph("routing", Task, (task, { merge }) => {
        const results = task.stage(handler);
        const { low, high } = results.route({ low: ({ n }) => n < 3, high: ({ n }) => n > 5 }, { name: "sort" });
        const kept = high.filter(
          ({ n }) => {
            if (n === 7) throw new RangeError("seven");
            return true;
          },
          { name: "sieve" },
        );
        return merge(low.stage(passer, { name: "l" }), kept.stage(passer, { name: "h" }));
      });
      const flow = await runtime.run(routed);
      const outputs = await outputsOf(
        flow,
        range(9).map((n) => Task({ n })),
      );
      deepEqual(outputs.map(({ n }) => n).sort(), [0, 1, 2, 6, 8], "outputs");
      const deadLetters = flow.deadLetters
        .take()
        .map(({ message, reason, stage }) => [(message as Result).n, reason, stage]);
      deepEqual(
        deadLetters.sort(([a], [b]) => Number(a) - Number(b)),
        [...[3, 4, 5].map((n) => [n, "NO_ROUTE", "sort"]), [7, "KERNEL_FAILED", "sieve"]],
        "letters",
      );
      deepEqual(
        trial.errors.map(({ stage }) => stage),
        ["sieve"],
        "stages of the error events",
      );
    },
  },
];
