import { pipeline } from "@ringline/core";
import { deepEqual, equal } from "../../assert.js";
import type { Case } from "../../case.js";
import { crasher, forward, hasty, stumbler } from "../../kernels/line.js";
import { Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { settled } from "../../ledger.js";
import { countsOf, outputsOf } from "../../support/flows.js";
import { range } from "../../support/handle.js";
import type { Trial } from "../../trial.js";

const MANY = 300;
const tasks = (fields: (n: number) => object = () => ({})) => range(MANY).map((n) => Task({ n, ...fields(n) }));
const quick = {
  restart: "on-failure",
  backoff: { initial: 1, max: 1, jitter: 0 },
  limit: { max: 100, window: 60_000 },
} as const;

type Flow = Awaited<ReturnType<ReturnType<Trial["runtime"]>["run"]>>;

/** Checks that each input was delivered, dead-lettered or dropped, and that no message is in flight. */
async function accounted(flow: Flow, outputs: readonly { readonly n: number }[]): Promise<void> {
  const { inFlight, stages } = await flow.telemetry();
  equal(inFlight, 0, "in flight");
  for (const { stage, ledger } of stages) settled(stage, ledger.input);
  const dropped = stages.reduce((sum, stage) => sum + stage.dropped, 0);
  equal(outputs.length + flow.deadLetters.size + dropped, MANY, "outputs, dead letters and drops");
  equal(countsOf(outputs.map(({ n }) => n)).size, outputs.length, "different outputs");
}

/** Stages in a row that pass on messages, with anything between them: a flow ends once all its inputs are settled. */
export const lines: readonly Case[] = [
  ...(["drop-oldest", "reject"] as const).flatMap((backpressure) =>
    [1, 2].map(
      (workers): Case => ({
        law: 1,
        name: `line: ${backpressure} in its middle, workers: ${workers}: each input comes out, is dropped or a dead letter`,
        async run(trial) {
          const runtime = trial.runtime();
          const narrow = { queueSize: 2, backpressure, workers } as const;
          const line = pipeline("line").stage(forward).stage(handler, narrow).stage(passer);
          const flow = (await runtime.run(line)) as unknown as Flow;
          const outputs = await outputsOf(
            flow as never,
            tasks((n) => (n % 10 === 0 ? { delay: 1 } : {})),
          );
          await accounted(flow, outputs as never);
        },
      }),
    ),
  ),
  {
    law: 1,
    name: "line: its middle crashes again and again: the others come out in order, what was in hand is a dead letter",
    async run(trial) {
      const runtime = trial.runtime();
      const supervise = { ...quick, onCrash: "dead-letter" } as const;
      const flow = await runtime.run(pipeline("line").stage(forward).stage(crasher, { supervise }).stage(handler));
      const crash = (n: number) => n % 50 === 7;
      const outputs = await outputsOf(
        flow,
        tasks((n) => (crash(n) ? { fail: "on purpose" } : {})),
      );
      deepEqual(
        outputs.map(({ n }) => n),
        range(MANY).filter((n) => !crash(n)),
        "outputs",
      );
      await accounted(flow as unknown as Flow, outputs);
    },
  },
  {
    law: 1,
    name: "line: its middle crashes and commits: what a retry makes comes out once",
    async run(trial) {
      const runtime = trial.runtime();
      const supervise = { ...quick, onCrash: "retry", effects: "commit" } as const;
      const flow = await runtime.run(pipeline("line").stage(forward).stage(stumbler, { supervise }).stage(handler));
      const outputs = await outputsOf(
        flow,
        tasks((n) => (n === 20 ? { fail: "on purpose" } : {})),
      );
      deepEqual(
        outputs.map(({ n }) => n),
        range(MANY).flatMap((n) => [n, n]),
        "outputs",
      );
      equal((await flow.telemetry()).inFlight, 0, "in flight");
    },
  },
  {
    law: 1,
    name: "line: its middle is terminated: what comes too late is a dead letter, and the flow ends",
    async run(trial) {
      const runtime = trial.runtime();
      const line = pipeline("line").stage(forward).stage(handler, { queueSize: 4 }).stage(passer);
      const flow = await runtime.run(line, { maxInFlight: 20 });
      const outputs: { readonly n: number }[] = [];
      for await (const output of flow.process(tasks())) {
        outputs.push(output as never);
        if (outputs.length === 50) void runtime.terminate("line.handler");
      }
      await accounted(flow as unknown as Flow, outputs);
    },
  },
  {
    law: 1,
    name: "line: its middle does not wait for what it sends: all of it comes out before the flow ends",
    async run(trial) {
      const runtime = trial.runtime();
      const flow = await runtime.run(pipeline("line").stage(forward).stage(hasty).stage(handler, { queueSize: 8 }));
      const outputs = await outputsOf(flow, tasks());
      deepEqual(
        outputs.map(({ n }) => n),
        range(MANY).flatMap((n) => [n, n, n]),
        "outputs",
      );
      equal((await flow.telemetry()).inFlight, 0, "in flight");
    },
  },
];
