import { isRinglineError } from "@ringline/core";
import { CaseFailure, deepEqual, equal, fail, PATIENCE, show, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { jobWorkers, loopWorker, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { settled } from "../../ledger.js";
import { Random } from "../../support/random.js";
import { letters } from "../../support/told.js";
import { collect, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";
import type { Trial } from "../../trial.js";

const COUNT = 400;
/** Codes with which a call of an impatient caller may end. */
const GAVE_UP = ["TIMEOUT", "ABORTED"] as const;

/** Options of a wait, at random: a short time-out, an abort, or no limit. */
function impatient(random: Random): { timeout?: number; signal?: AbortSignal } {
  if (random.chance(0.3)) return {};
  if (random.chance(0.4)) return { signal: AbortSignal.timeout(1 + random.below(5)) };
  return { timeout: random.below(6) };
}

function slowAtTimes(n: number): Job {
  return n % 40 === 0 ? Job({ n, delay: 2 }) : Job({ n });
}

/** A case for two fixed seeds and one random seed; a failure names the seed. */
function seeded(name: string, walk: (trial: Trial, random: Random) => Promise<void>): Case {
  return {
    law: 1,
    name,
    async run(trial) {
      for (const seed of [1, 2, Math.floor(Math.random() * 2 ** 32)]) {
        try {
          await walk(trial, new Random(seed));
        } catch (error) {
          throw new CaseFailure(`seed ${seed}: ${error instanceof Error ? error.message : show(error)}`, {
            cause: error,
          });
        }
      }
    },
  };
}

/** The numbers of the calls that succeeded; the others ended with one of the codes. */
async function succeeded<T>(calls: readonly Promise<T>[], ...codes: readonly string[]): Promise<Map<number, T>> {
  const ends = await within(2 * PATIENCE, Promise.allSettled(calls), "all calls");
  const good = new Map<number, T>();
  for (const [n, end] of ends.entries()) {
    if (end.status === "fulfilled") good.set(n, end.value);
    else if (!isRinglineError(end.reason) || !codes.includes(end.reason.code)) fail(`call ${n}: ${show(end.reason)}`);
  }
  return good;
}

/** The numbers of all outputs, until the kernel ends. */
async function everyOutput(handle: AsyncIterable<{ readonly n: number }>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { n } of handle) numbers.push(n);
  return numbers;
}

const byNumber = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);

export const agreements: readonly Case[] = [
  ...jobWorkers.map((kernel) =>
    seeded(
      `agreement: impatient senders to ${kernel.id}: what they were told is what happened`,
      async (trial, random) => {
        const handle = await trial.runtime().start(kernel, { queueSize: 1 + random.below(4) });
        const sends = jobs(COUNT).map((job) => handle.send(slowAtTimes(job.n), impatient(random)));
        const results = everyOutput(handle);
        const accepted = byNumber((await succeeded(sends, ...GAVE_UP)).keys());
        await handle.terminate({ drain: true });
        deepEqual(byNumber(await results), accepted, "results of the sends that were accepted");
        await quiet(handle, { input: { accepted: accepted.length, done: accepted.length } });
      },
    ),
  ),
  seeded("agreement: impatient receivers: each output goes to one of them, or stays", async (trial, random) => {
    const handle = await trial.runtime().start(worker);
    const sent = sendAll(handle, jobs(COUNT));
    const receives = Array.from({ length: 2 * COUNT }, async (_, i) => {
      if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, random.below(4)));
      return handle.receive({ timeout: random.below(4) });
    });
    const received = [...(await succeeded(receives, "TIMEOUT")).values()].map(({ n }) => n);
    await sent;
    await quiet(handle, { sent: COUNT });
    const rest = (await collect(handle, COUNT - received.length)).map(({ n }) => n);
    deepEqual(
      byNumber([...received, ...rest]),
      jobs(COUNT).map(({ n }) => n),
      "outputs",
    );
  }),
  seeded(
    "agreement: impatient askers: each accepted request was answered, answered too late, or has expired",
    async (trial, random) => {
      const runtime = trial.runtime();
      const handle = await runtime.start(worker, { queueSize: 3 });
      const asked = jobs(COUNT).map(({ n }) => handle.request(slowAtTimes(n), impatient(random)));
      const answers = await succeeded(asked, ...GAVE_UP);
      for (const [n, answer] of answers) equal(answer.n, n, "answer");
      await quiet(handle);
      const { ledger } = await handle.telemetry();
      const unanswered = await letters(runtime, ledger.input.accepted - answers.size);
      const expired = unanswered.filter(({ reason }) => reason === "EXPIRED").length;
      equal(unanswered.filter(({ reason }) => reason === "LATE_REPLY").length, unanswered.length - expired, "late");
      equal(ledger.input.done, ledger.input.accepted - expired, "done");
      equal(ledger.output.accepted, 0, "outputs");
    },
  ),
  ...[worker, loopWorker].flatMap((kernel) =>
    (["terminate", "drain", "dispose", ...(kernel === loopWorker ? (["crash"] as const) : [])] as const).map((how) =>
      seeded(
        `agreement: ${how} in the middle of traffic to ${kernel.id}: what senders were told is what happened`,
        async (trial, random) => {
          const runtime = trial.runtime();
          const handle = await runtime.start(kernel, { queueSize: 1 + random.below(8) });
          const last = 50 + random.below(300);
          const sends: Promise<void>[] = [];
          const read = collect(handle, COUNT).catch(() => {});
          let end: Promise<unknown> | undefined;
          for (const { n } of jobs(COUNT)) {
            const crash = how === "crash" && n === last;
            const sent = handle.send(crash ? Job({ n, fail: "later" }) : slowAtTimes(n));
            sent.catch(() => {}); // awaited below: a rejection before that is handled
            sends.push(sent);
            if (n === last) end = ending(how, runtime, handle);
            if (random.chance(0.1)) await Promise.allSettled([sends.at(-1), end]);
          }
          const accepted = await succeeded(sends, "TERMINATED", "KERNEL_FAILED");
          await end;
          await read;
          await reaches(handle, { input: { accepted: accepted.size, queued: 0, inHand: 0 } });
          settled(kernel.id, (await handle.telemetry()).ledger.input);
        },
      ),
    ),
  ),
];

async function ending(
  how: "terminate" | "drain" | "crash" | "dispose",
  runtime: { dispose(): Promise<unknown> },
  handle: { terminate(options?: { drain: boolean }): Promise<void> },
): Promise<void> {
  await null;
  if (how === "terminate") await handle.terminate();
  if (how === "drain") await handle.terminate({ drain: true });
  if (how === "dispose") await runtime.dispose();
}
