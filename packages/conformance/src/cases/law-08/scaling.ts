import { body, defineMessage, graph, pipeline, type RuntimeEvents } from "@ringline/core";
import {
  CaseFailure,
  deepEqual,
  equal,
  ok,
  PATIENCE,
  rejects,
  show,
  soon,
  staysPending,
  until,
  within,
} from "../../assert.js";
import type { Case } from "../../case.js";
import { permits } from "../../kernels/gated.js";
import { forward } from "../../kernels/line.js";
import { type Result, Task } from "../../kernels/messages.js";
import { handOn, held, KEYS, keyedCount, keyedLoop, keyOf } from "../../kernels/moving.js";
import { passer } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { settled } from "../../ledger.js";
import { outputsOf } from "../../support/flows.js";
import { range, tasks } from "../../support/handle.js";
import { Random } from "../../support/random.js";
import type { Trial, TrialRuntime } from "../../trial.js";

/** Inputs of a walk. */
const TRAFFIC = 120;
/** From one to five, by calls only. */
const workers = { min: 1, max: 5, every: Number.POSITIVE_INFINITY };

const Pair = defineMessage("Pair", body<{ readonly n: number; readonly other: number }>());
const pairOf = ({ left, right }: { readonly left: Result; readonly right: Result }) =>
  Pair({ n: left.n, other: right.n });

/** The events of scalings, as they are told. */
function scalings(runtime: TrialRuntime): RuntimeEvents["scaled"][] {
  const told: RuntimeEvents["scaled"][] = [];
  runtime.on("scaled", (event) => told.push(event));
  return told;
}

/** Tasks that take from nothing to some milliseconds. */
function* jittery(random: Random) {
  for (const n of range(TRAFFIC))
    yield Task({ n, key: keyOf({ n }), ...(random.chance(0.3) && { delay: random.below(3) }) });
}

interface Distribution {
  readonly name: string;
  readonly kernel: typeof handler;
  readonly by: "round-robin" | "least-loaded" | { readonly key: "key" } | ((message: { readonly n: number }) => number);
  readonly order: "preserve" | "any";
}

const distributions: readonly Distribution[] = [
  { name: "in turn, in order", kernel: handler, by: "round-robin", order: "preserve" },
  { name: "by load, in any order", kernel: handler, by: "least-loaded", order: "any" },
  { name: "by key, in order", kernel: handler, by: keyOf, order: "preserve" },
  { name: "with a state by key, in order", kernel: keyedCount as never, by: keyOf, order: "preserve" },
  {
    name: "with a state by key, in the order of each key",
    kernel: keyedLoop as never,
    by: { key: "key" },
    order: "any",
  },
];

/** Scales, moves, swaps and pauses a stage at random under traffic; compares what comes out with a plain loop. */
async function walk(trial: Trial, { kernel, by, order }: Distribution, random: Random): Promise<void> {
  const runtime = trial.across(["main", "second"]);
  const told = scalings(runtime);
  const queueSize = 1 + random.below(16);
  const supervise =
    kernel === handler && random.chance(0.5) ? ({ effects: "commit", onCrash: "retry" } as const) : undefined;
  // between two other stages, as outputs go to the next stage directly where a backend can
  const stages = pipeline("walk")
    .stage(forward, { name: "first" })
    .stage(kernel, { name: "scaled", workers, by, order, queueSize, supervise })
    .stage(handOn, { name: "last" });
  const flow = await runtime.run(stages, { maxInFlight: 4 + random.below(60) });
  let isOver = false;
  const steps = (async () => {
    for (let step = 0; step < 12 && !isOver; step++) {
      const change = random.next();
      if (change < 0.6) await flow.scale("scaled", 1 + random.below(5));
      else if (change < 0.8) await flow.move("scaled", { backend: random.chance(0.5) ? "main" : "second" });
      else if (change < 0.9) await flow.swap("scaled", kernel);
      else {
        await flow.pause("scaled");
        await flow.scale("scaled", 1 + random.below(5));
        await flow.resume("scaled");
      }
      if (random.chance(0.3)) await flow.telemetry();
    }
  })();
  const outputs = await within(PATIENCE, outputsOf(flow, jittery(random)), "the outputs");
  isOver = true;
  await within(PATIENCE, steps, "the changes");
  const numbers = outputs.map(({ n }) => n);
  if (order === "preserve") deepEqual(numbers, range(TRAFFIC), "outputs");
  deepEqual(
    [...numbers].sort((a, b) => a - b),
    range(TRAFFIC),
    "outputs, sorted",
  );
  if (kernel !== handler)
    ok(
      outputs.every(({ n, index }) => index === Math.floor(n / KEYS)),
      "states of a plain loop",
    );
  if (typeof by !== "string") {
    for (const key of range(KEYS)) {
      const own = numbers.filter((n) => keyOf({ n }) === key);
      deepEqual(
        own,
        [...own].sort((a, b) => a - b),
        `outputs of key ${key}`,
      );
    }
  }
  const [, stage] = (await flow.telemetry()).stages;
  settled("scaled", stage?.ledger.input as never);
  equal(stage?.processed, TRAFFIC, "processed, by workers that have left too");
  equal(stage?.workers, told.at(-1)?.to ?? 1, "workers");
  equal(flow.deadLetters.size, 0, "dead letters");
}

const walks: readonly Case[] = distributions.map(
  (distribution): Case => ({
    law: 8,
    name: `scale: workers ${distribution.name}, change their number, place and code at random under traffic, and do what a plain loop does`,
    limit: 30_000,
    async run(trial) {
      for (const seed of [1, 2, Math.floor(Math.random() * 2 ** 32)]) {
        try {
          await walk(trial, distribution, new Random(seed));
        } catch (error) {
          throw new CaseFailure(`seed ${seed}: ${error instanceof Error ? error.message : show(error)}`, {
            cause: error,
          });
        }
      }
    },
  }),
);

const steps: readonly Case[] = [
  {
    law: 8,
    name: "scale: queued messages are dealt among the workers anew, by priority and in order, also while the stage is paused",
    async run(trial) {
      const runtime = trial.runtime();
      const told = scalings(runtime);
      const flow = await runtime.run(pipeline("dealt").stage(handler, { workers, by: keyOf, queueSize: 50 }));
      await flow.pause();
      for (const n of range(40)) await flow.send(Task({ n }, { priority: n % 2 === 0 ? 200 : 10 }));
      await flow.scale("handler", 4);
      await staysPending(flow.receive(soon), "an output of a paused stage");
      await flow.scale("handler", 3);
      await flow.resume();
      const outputs = [];
      for (const _ of range(39)) outputs.push(await flow.receive(soon));
      deepEqual(
        told.map(({ flow: id, stage, from, to, messages, by }) => [id, stage, from, to, messages, by]),
        [
          ["dealt", "handler", 1, 4, 40, "program"],
          ["dealt", "handler", 4, 3, 40, "program"],
        ],
        "events",
      );
      equal(new Set(outputs.map(({ by }) => by)).size, 3, "workers");
      deepEqual(
        runtime.kernels.map(({ id }) => id).slice(0, 3),
        range(3).map((i) => `dealt.handler_${i}`),
        "kernels",
      );
      equal(flow.describe().nodes[0]?.workers, 3, "workers, as described");
    },
  },
  {
    law: 8,
    name: "scale: what is in flight is finished first, or given back when the time is over",
    async run(trial) {
      const runtime = trial.runtime();
      await runtime.start(permits);
      const flow = await runtime.run(pipeline("finished").stage(held, { workers }));
      const inHand = async () => (await flow.telemetry()).stages[0]?.ledger.input.inHand;
      await flow.send(Task({ n: 0 }));
      await until("a message in hand", async () => (await inHand()) === 1);
      const scaling = flow.scale("held", 2);
      await staysPending(scaling, "the change");
      await runtime.send(permits, Task({ n: 0 }));
      await within(PATIENCE, scaling, "the change");
      for (const n of [1, 2]) await flow.send(Task({ n }));
      await until("a message in each hand", async () => (await inHand()) === 2);
      await within(PATIENCE, flow.scale("held", 3, { grace: 20 }), "the change in a hurry");
      for (const task of tasks(2)) await runtime.send(permits, task);
      const outputs = [];
      for (const _ of range(3)) outputs.push((await flow.receive(soon)).n);
      deepEqual(outputs, [0, 1, 2], "outputs");
    },
  },
  {
    law: 8,
    name: "scale: outputs that count once, and a join behind, are exact while both branches change",
    async run(trial) {
      const runtime = trial.runtime();
      const supervise = { effects: "commit", onCrash: "retry", restart: "on-failure" } as const;
      const joined = graph("joined", Task, (input, { join }) => {
        const left = input.stage(handler, { name: "left", workers, supervise });
        const right = input.stage(handler, { name: "right", workers, by: keyOf, order: "any", supervise });
        return join(pairOf, { left, right }, { timeout: 60_000 });
      });
      const flow = await runtime.run(joined);
      const random = new Random(3);
      let isOver = false;
      const changes = (async () => {
        while (!isOver) await flow.scale(random.chance(0.5) ? "left" : "right", 1 + random.below(5));
      })();
      const outputs = await outputsOf(flow, jittery(random));
      isOver = true;
      await changes;
      deepEqual(
        outputs.map(({ n }) => n).sort((a, b) => a - b),
        range(TRAFFIC),
        "outputs",
      );
      ok(
        outputs.every(({ n, other }) => n === other),
        "each pair is of one input",
      );
      for (const { stage, ledger } of (await flow.telemetry()).stages) settled(stage, ledger.input);
    },
  },
  {
    law: 8,
    name: "scale: an end during a change is an end",
    async run(trial) {
      for (const end of ["terminate", "dispose"] as const) {
        const runtime = trial.runtime();
        const flow = await runtime.run(pipeline("ended").stage(handler, { workers, queueSize: 4 }));
        const sends = tasks(20).map((task) => flow.send(task));
        for (const send of sends) send.catch(() => {});
        const scaling = flow.scale("handler", 4).then(
          () => "scaled",
          (error) => error.code,
        );
        await within<unknown>(PATIENCE, end === "dispose" ? runtime.dispose() : flow.terminate(), end);
        const outcome = await within(PATIENCE, scaling, "the change");
        ok(["scaled", "TERMINATED"].includes(outcome), `the change ends as ${outcome}`);
        await within(PATIENCE, Promise.allSettled(sends), "the sends");
      }
    },
  },
  {
    law: 8,
    name: "scale: what cannot be is refused, and the stage runs on as it was",
    async run(trial) {
      const runtime = trial.runtime();
      const flow = await runtime.run(
        pipeline("refused")
          .stage(passer, { name: "one" })
          .stage(passer, { name: "many", workers })
          .stage(passer, { name: "all", workers: 2, by: "broadcast" }),
      );
      for (const wrong of [0, 6, 1.5, Number.NaN]) await rejects(flow.scale("many", wrong), "INVALID_ARGUMENT");
      await rejects(flow.scale("one", 2), "INVALID_ARGUMENT");
      await rejects(flow.scale("all", 3), "INVALID_ARGUMENT");
      await rejects(flow.scale("none", 2), "INVALID_ARGUMENT");
      await rejects(flow.scale("many", 2, { on: 1 } as never), "INVALID_ARGUMENT");
      await rejects(flow.scale("many", 2, { grace: -1 }), "INVALID_ARGUMENT");
      await rejects(flow.scale("many", 2, { signal: AbortSignal.abort() }), "ABORTED");
      equal((await flow.telemetry()).stages[1]?.workers, 1, "workers");
      equal((await flow.request(Task({ n: 1 }), soon)).n, 1, "answer");
      await flow.terminate();
      await rejects(flow.scale("many", 2), "TERMINATED");
    },
  },
];

/** The number of workers of a stage changes while it runs. */
export const scaling: readonly Case[] = [...steps, ...walks];
