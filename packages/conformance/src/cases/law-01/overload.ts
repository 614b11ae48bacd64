import { type Backpressure, isRinglineError } from "@ringline/core";
import { equal } from "../../assert.js";
import type { Case } from "../../case.js";
import { jobWorkers, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { collect, quiet, reaches } from "../../support/traffic.js";

const strategies = ["block", "reject", "drop-oldest"] as const;
/** Messages beyond the capacity, from each sender. */
const EXTRA = 3;

interface Overload {
  readonly backpressure: Backpressure;
  readonly queueSize: number;
  readonly senders: number;
  readonly kernel: (typeof jobWorkers)[number];
}

/** Expected result of the strategy for `total` messages and a queue of `size`. */
function expected(backpressure: Backpressure, total: number, size: number) {
  const over = total - size;
  return {
    accepted: backpressure === "reject" ? size : total,
    dropped: backpressure === "drop-oldest" ? over : 0,
    rejected: backpressure === "reject" ? over : 0,
    parked: backpressure === "block" ? over : 0,
  };
}

/** Sends more than its capacity to an inactive kernel, then activates it: every message is accounted for. */
function overload({ backpressure, queueSize, senders, kernel }: Overload): Case {
  const from = senders === 1 ? "one sender" : `${senders} senders`;
  return {
    law: 1,
    name: `overload: ${backpressure}, ${queueSize} in the queue, ${from}, ${kernel.id}: every message is accounted for`,
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.launch(kernel, { queueSize, backpressure });
      const total = queueSize + senders * EXTRA;
      const want = expected(backpressure, total, queueSize);
      const sends = Array.from({ length: total }, (_, n) => handle.send(Job({ n, from: `${n % senders}` })));
      const rejected = Promise.all(sends.map((send) => send.then(() => 0, countFull)));
      if (want.parked === 0) equal(await sum(rejected), want.rejected, "rejected sends");
      const accepted = want.accepted - want.parked;
      await reaches(handle, {
        input: { accepted, queued: queueSize, inHand: 0, done: 0, dropped: want.dropped, deadLettered: 0 },
        ...{ received: 0, dropped: want.dropped, rejected: want.rejected },
      });
      await handle.activate();
      const out = await collect(handle, want.accepted - want.dropped);
      equal(await sum(rejected), want.rejected, "rejected sends");
      equal(new Set(out.map(({ n }) => n)).size, out.length, "different results");
      const done = want.accepted - want.dropped;
      await quiet(handle, {
        input: { accepted: want.accepted, done, dropped: want.dropped, deadLettered: 0 },
        output: { accepted: done, queued: 0, done },
        ...{ received: done, processed: done, sent: done, rejected: want.rejected },
      });
    },
  };
}

async function sum(numbers: Promise<readonly number[]>): Promise<number> {
  return (await numbers).reduce((total, one) => total + one, 0);
}

function countFull(error: unknown): number {
  if (isRinglineError(error, "QUEUE_FULL")) return 1;
  throw error;
}

export const overloads: readonly Case[] = strategies.flatMap((backpressure) => [
  ...[1, 2, 4096].flatMap((queueSize) =>
    [1, 4].map((senders) => overload({ backpressure, queueSize, senders, kernel: worker })),
  ),
  ...jobWorkers
    .filter((kernel) => kernel !== worker)
    .map((kernel) => overload({ backpressure, queueSize: 2, senders: 4, kernel })),
]);
