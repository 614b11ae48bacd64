import type { KernelHandle, RuntimeEvents } from "@ringline/core";
import { pipeline } from "@ringline/core";
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
  within,
} from "../../assert.js";
import type { Case } from "../../case.js";
import { permits } from "../../kernels/gated.js";
import { type Result, Task } from "../../kernels/messages.js";
import { counting, countLoop, held } from "../../kernels/moving.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { accepting, launchIn, range, take, takes, tasks, telemetryWhen, wake } from "../../support/handle.js";
import { Random } from "../../support/random.js";
import { inOrderPerSender, Sends, sendFrom } from "../../support/senders.js";
import { counts, quiet } from "../../support/traffic.js";
import type { Trial, TrialRuntime } from "../../trial.js";

const places = ["main", "second"];
const [here, there] = [{ backend: "main" }, { backend: "second" }];
/** To another place, and within the one where it runs. */
const targets = [there, here];

/** Tasks under way while a kernel moves at random. */
const TRAFFIC = 400;

/** Collects the events of moves. */
function relocations(runtime: TrialRuntime): RuntimeEvents["relocated"][] {
  const told: RuntimeEvents["relocated"][] = [];
  runtime.on("relocated", (event) => told.push(event));
  return told;
}

const queues: readonly Case[] = targets.flatMap((to) => [
  ...accepting.map(
    (state): Case => ({
      law: 8,
      name: `move: a ${state} kernel takes its queue along to ${to.backend}, by priority and in order`,
      async run(trial) {
        const runtime = trial.across(places);
        const handle = await launchIn(runtime, passer, state);
        await handle.send(Task({ n: 0 }));
        if (state === "active") await telemetryWhen(handle, "one done", ({ processed }) => processed === 1);
        const priorities = [10, 200, 10, 200];
        for (const [i, priority] of priorities.entries()) await handle.send(Task({ n: i + 1 }, { priority }));
        await runtime.move(handle, to);
        equal(handle.state, state, "state");
        equal(runtime.kernels[0]?.backend, to.backend, "backend");
        if (state !== "active") await wake(handle);
        if (state === "active") deepEqual((await take(handle, 5)).map(({ n }) => n).sort(), [0, 1, 2, 3, 4], "outputs");
        else await takes(handle, [2, 4, 0, 1, 3]);
        await quiet(handle, { processed: 5, deadLettered: 0, restarts: 0, input: { accepted: 5, done: 5 } });
      },
    }),
  ),
  {
    law: 8,
    name: `move: senders that wait for room follow to ${to.backend}, in order, and are accepted as there is room`,
    async run(trial) {
      const runtime = trial.across(places);
      const handle = await runtime.launch(passer, { queueSize: 2 });
      const sends = sendFrom(handle, 2, 6);
      const given = handle.send(Task({ n: -1 }), { timeout: 400 });
      given.catch(() => {}); // awaited below, unless the case fails before
      await runtime.move(handle, to);
      await staysPending(sends.all(), "the sends");
      equal(sends.accepted, 2, "sends accepted");
      await counts(handle, { input: { accepted: 2, queued: 2 } });
      await rejects(given, "TIMEOUT", "a send with a time-out");
      await handle.activate();
      const numbers = (await take(handle, 12)).map(({ n }) => n);
      await within(PATIENCE, sends.all(), "the sends");
      inOrderPerSender(numbers, 2, 6);
      await quiet(handle, { processed: 12, input: { accepted: 12, done: 12 } });
    },
  },
  {
    law: 8,
    name: `move: unread outputs stay, in front of those from ${to.backend}`,
    async run(trial) {
      const runtime = trial.across(places);
      const handle = await runtime.start(passLoop);
      for (const task of tasks(5)) await handle.send(task);
      await telemetryWhen(handle, "five outputs", ({ ledger }) => ledger.output.queued === 5);
      await runtime.move(handle, to);
      for (const task of tasks(5, 5)) await handle.send(task);
      await takes(handle, range(10));
      const receiving = handle.receive(soon);
      await runtime.move(handle, here);
      await handle.send(Task({ n: 10 }));
      equal((await receiving).n, 10, "the output that a receiver waited for");
      await counts(handle, { sent: 11, output: { accepted: 11, done: 11 } });
    },
  },
  {
    law: 8,
    name: `move: the message in flight is finished before the kernel goes to ${to.backend}`,
    async run(trial) {
      const runtime = trial.across(places);
      const told = relocations(runtime);
      await runtime.start(permits);
      const handle = await runtime.start(held);
      for (const task of tasks(3)) await handle.send(task);
      await telemetryWhen(handle, "one in flight", ({ ledger }) => ledger.input.inHand === 1);
      const moving = runtime.move(handle, { ...to, by: "the case" });
      await staysPending(moving, "the move");
      equal(told.length, 0, "events before the end");
      for (const task of tasks(3)) await runtime.send(permits, task);
      await within(PATIENCE, moving, "the move");
      await takes(handle, [0, 1, 2]);
      await quiet(handle, { received: 3, processed: 3, requeued: 0 });
      const { pause, messages, ...event } = told[0] ?? { pause: -1, messages: -1 };
      deepEqual(event, { kernelId: "held", from: "main", to: to.backend, by: "the case" } as never, "event");
      ok(pause >= 0 && messages >= 0 && told.length === 1, `one event with the pause, not ${show(told)}`);
    },
  },
  {
    law: 8,
    name: `move: what is not finished in time is given back, and first in line at ${to.backend}`,
    async run(trial) {
      const runtime = trial.across(places);
      await runtime.start(permits);
      const handle = await runtime.start(held);
      for (const task of tasks(3)) await handle.send(task);
      await telemetryWhen(handle, "one in flight", ({ ledger }) => ledger.input.inHand === 1);
      await within(PATIENCE, runtime.move(handle, { ...to, grace: 20 }), "the move");
      for (const task of tasks(3)) await runtime.send(permits, task);
      await takes(handle, [0, 1, 2]);
      await quiet(handle, { received: 4, requeued: 1, processed: 3, input: { accepted: 3, done: 3 } });
    },
  },
  {
    law: 8,
    name: `move: the attempts at a message count on at ${to.backend}`,
    async run(trial) {
      const runtime = trial.across(places);
      await runtime.start(permits);
      const handle = await runtime.start(held);
      await handle.send(Task({ n: 0 }));
      for (const to of [there, here, there]) {
        await telemetryWhen(handle, "one in flight", ({ ledger }) => ledger.input.inHand === 1);
        await runtime.move(handle, { ...to, grace: 10 });
      }
      await telemetryWhen(handle, "one in flight", ({ ledger }) => ledger.input.inHand === 1);
      await handle.terminate({ timeout: 0 });
      equal(runtime.deadLetters.peek()[0]?.attempts, 4, "attempts of the dead letter");
    },
  },
  ...[countLoop, counting].map(
    (kernel): Case => ({
      law: 8,
      name: `move: ${kernel.id} goes on at ${to.backend} from its latest checkpoint`,
      async run(trial) {
        const runtime = trial.across(places);
        const handle = await runtime.start(kernel as typeof counting);
        for (const [i, place] of [to, here, to].entries()) {
          for (const task of tasks(4, 4 * i)) await handle.send(task);
          await runtime.move(handle, place);
        }
        const taken = await take(handle, 12);
        deepEqual(
          taken.map(({ n, index }) => [n, index]),
          range(12).map((n) => [n, n]),
          "outputs",
        );
      },
    }),
  ),
  {
    law: 8,
    name: `move: requests are answered from ${to.backend}, those in the queue too`,
    async run(trial) {
      const runtime = trial.across(places);
      const handle = await runtime.launch(handler);
      const before = range(5).map((n) => handle.request(Task({ n }), soon));
      await runtime.move(handle, to);
      const after = range(5).map((n) => handle.request(Task({ n: n + 5 }), soon));
      await handle.activate();
      const answers = await Promise.all([...before, ...after]);
      deepEqual(
        answers.map(({ n }) => n),
        range(10),
        "answers",
      );
    },
  },
]);

const neighbours: readonly Case[] = [
  ...[passer, passLoop].map(
    (kernel): Case => ({
      law: 8,
      name: `move: each of three linked ${kernel.id} moves under traffic, and nothing is lost, doubled or out of order`,
      async run(trial) {
        const runtime = trial.across(places);
        const line = [];
        for (const id of ["a", "b", "c"]) line.push(await runtime.start(kernel.as(id), { queueSize: 8 }));
        const [first, second, last] = line as [
          KernelHandle<Task, Result>,
          KernelHandle<Result, Result>,
          (typeof line)[0],
        ];
        await runtime.connect(first, second);
        await runtime.connect(second, last as never);
        const sends = sendFrom(first, 2, 150);
        const reading = take(last as KernelHandle<never, Result>, 300);
        for (const id of ["b", "a", "c", "b", "c", "a"]) {
          const at = runtime.kernels.find((one) => one.id === id)?.backend;
          await within(PATIENCE, runtime.move(id, at === "main" ? there : here), `the move of ${id}`);
        }
        inOrderPerSender(
          (await within(PATIENCE, reading, "the outputs")).map(({ n }) => n),
          2,
          150,
        );
        await sends.all();
      },
    }),
  ),
  {
    law: 8,
    name: "move: an end during a move is an end",
    async run(trial) {
      for (const end of ["terminate", "dispose"] as const) {
        const runtime = trial.across(places);
        const handle = await runtime.start(passer, { queueSize: 4 });
        const sends = new Sends(tasks(20).map((task) => handle.send(task)));
        sends.all().catch(() => {});
        const moving = runtime.move(handle, there).then(
          () => "moved",
          (error) => error.code,
        );
        await within<unknown>(PATIENCE, end === "dispose" ? runtime.dispose() : handle.terminate(), end);
        const outcome = await within(PATIENCE, moving, "the move");
        ok(["moved", "TERMINATED"].includes(outcome), `the move ends as ${outcome}`);
        equal(handle.state, "terminated", "state");
      }
    },
  },
  {
    law: 8,
    name: "move: moves of one kernel follow each other",
    async run(trial) {
      const runtime = trial.across(places);
      const told = relocations(runtime);
      const handle = await runtime.start(countLoop);
      for (const task of tasks(10)) await handle.send(task);
      await Promise.all([there, here, there, there].map((to) => runtime.move(handle, to)));
      deepEqual(
        told.map(({ from, to }) => `${from} ${to}`),
        ["main second", "second main", "main second", "second second"],
        "moves",
      );
      await takes(handle, range(10));
    },
  },
  {
    law: 8,
    name: "move: what cannot be is refused, and the kernel runs on where it was",
    async run(trial) {
      const runtime = trial.across(places);
      const handle = await runtime.start(passer);
      await rejects(runtime.move("nobody", there), "KERNEL_UNKNOWN");
      await rejects(runtime.move(handle, { backend: "nowhere" }), "INVALID_ARGUMENT");
      await rejects(runtime.move(handle, { ...there, timeout: -1 }), "INVALID_ARGUMENT");
      await rejects(runtime.move(handle, { ...there, on: 1 } as never), "INVALID_ARGUMENT");
      await rejects(runtime.move(handle, { ...there, signal: AbortSignal.abort() }), "ABORTED");
      equal(runtime.kernels[0]?.backend, "main", "backend");
      equal((await handle.request(Task({ n: 1 }), soon)).n, 1, "answer");
      await handle.terminate();
      await rejects(runtime.move(handle, there), "TERMINATED");
    },
  },
  {
    law: 8,
    name: "move: a stage of a flow moves under traffic, as all its workers do",
    async run(trial) {
      const runtime = trial.across(places);
      const told = relocations(runtime);
      const stages = pipeline("moving")
        .stage(passer, { name: "one", order: "preserve", workers: 2 })
        .stage(countLoop, { name: "last" });
      const flow = await runtime.run(stages);
      await rejects(flow.move("none", there), "INVALID_ARGUMENT");
      const read: Result[] = [];
      for await (const result of flow.process(tasks(TRAFFIC))) {
        read.push(result);
        if (read.length === 50) await flow.move("one", there);
        if (read.length === 150) await flow.move("last", there);
        if (read.length === 250) await Promise.all([flow.move("one", here), flow.move("last", here)]);
      }
      deepEqual(
        read.map(({ n, index }) => [n, index]),
        range(TRAFFIC).map((n) => [n, n]),
        "outputs",
      );
      equal(told.length, 6, "moves");
      equal(flow.describe().nodes[0]?.backend ?? null, null, "backend of the first stage");
    },
  },
];

/**
 * Moves, swaps, pauses and resumes a kernel at random while two senders send; compares the outputs with those of a
 * plain loop.
 */
async function walk(trial: Trial, kernel: typeof counting, random: Random): Promise<void> {
  const runtime = trial.across(places);
  const handle = await runtime.start(kernel, { queueSize: 1 + random.below(16) });
  const sends = sendFrom(handle, 2, TRAFFIC / 2);
  const reading = take(handle, TRAFFIC);
  let isOver = false;
  const over = reading.then(() => {
    isOver = true;
  });
  over.catch(() => {});
  for (let step = 0; step < 40 && !isOver; step++) {
    if (random.chance(0.2)) await runtime.swap(handle, random.chance(0.5) ? counting : countLoop);
    else if (random.chance(0.7)) await runtime.move(handle, random.chance(0.5) ? here : there);
    else if (random.chance(0.5) && handle.state === "active") await handle.deactivate();
    else if (handle.state === "deactivated") await handle.activate();
    if (random.chance(0.5)) await handle.telemetry();
  }
  if (handle.state === "deactivated") await handle.activate();
  const taken = await within(PATIENCE, reading, "the outputs");
  inOrderPerSender(
    taken.map(({ n }) => n),
    2,
    TRAFFIC / 2,
  );
  deepEqual(
    taken.map(({ index }) => index),
    range(TRAFFIC),
    "states",
  );
  await sends.all();
  await quiet(handle, {
    processed: TRAFFIC,
    deadLettered: 0,
    restarts: 0,
    input: { accepted: TRAFFIC, done: TRAFFIC },
  });
}

async function seeded(trial: Trial, kernel: typeof counting, seed: number): Promise<void> {
  try {
    await walk(trial, kernel, new Random(seed));
  } catch (error) {
    throw new CaseFailure(`seed ${seed}: ${error instanceof Error ? error.message : show(error)}`, { cause: error });
  }
}

const randoms: readonly Case[] = [countLoop, counting].map(
  (kernel): Case => ({
    law: 8,
    name: `move: ${kernel.id} moves, pauses and gets other code at random under traffic, and does what a plain loop does`,
    async run(trial) {
      for (const seed of [1, 2, Math.floor(Math.random() * 2 ** 32)])
        await seeded(trial, kernel as typeof counting, seed);
    },
  }),
);

/** A launched kernel moves to another place with its queue and state. */
export const moves: readonly Case[] = [...queues, ...neighbours, ...randoms];
