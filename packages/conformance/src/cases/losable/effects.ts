import { pipeline } from "@ringline/core";
import { deepEqual, equal, ok, PATIENCE, patience, sleep, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { loopWorker, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { keeperLoop } from "../../kernels/keepers.js";
import { forward } from "../../kernels/line.js";
import { relayDone } from "../../kernels/lost-places.js";
import { mortalHandler, mortalLoop } from "../../kernels/mortal.js";
import { range, tasks } from "../../support/handle.js";
import { committing, lose, loseAndWait, losing, placesOf, startLosable } from "../../support/losing.js";
import { retrying } from "../../support/supervised.js";
import { collect, counts, jobs, quiet, reaches, sendAll } from "../../support/traffic.js";

const numbers = (all: readonly { readonly n: number }[]) => all.map(({ n }) => n);
const inHand = { input: { inHand: 1 } } as const;

/** Committed outputs, states, counts and flows survive the loss of a place. */
export const effects: readonly Case[] = [
  ...[mortalLoop, mortalHandler].map((kernel) =>
    losing(9, `commit: ${kernel.id}: each output comes once, and so does what went to a peer`, async (trial) => {
      const rig = await startLosable(trial, kernel, { supervise: committing });
      const all = jobs(20).map(({ n }) => Job({ n, outputs: 2, from: "host", ...(n % 8 === 3 && { hold: true }) }));
      const sent = sendAll(rig.kernel, all);
      for (const done of [3, 11, 19]) {
        // it has sent its outputs, which wait for the end of the job
        await reaches(rig.kernel, { processed: done, ...inHand });
        await loseAndWait(trial, rig.runtime, kernel.id);
        await rig.pass();
      }
      await sent;
      const outputs = (await collect(rig.kernel, 40)).map(({ n, output }) => 2 * n + output);
      deepEqual(outputs, range(40), "outputs");
      deepEqual(numbers(await collect(rig.witness, 20)), range(20), "what the witness was told");
      await quiet(rig.kernel, { sent: 40, processed: 20, requeued: 3, output: { accepted: 40, done: 40 } });
      await quiet(rig.witness, { received: 20 });
    }),
  ),
  losing(9, "commit: at a loss in the middle of traffic each output comes once", async (trial) => {
    const rig = await startLosable(trial, mortalLoop, { supervise: committing });
    const sent = sendAll(
      rig.kernel,
      jobs(900).map(({ n }) => Job({ n, outputs: 2, from: "host" })),
    );
    const outputs: number[] = [];
    for (let round = 0; round < 3; round++) {
      for (const { n, output } of await collect(rig.kernel, 300)) outputs.push(2 * n + output);
      await loseAndWait(trial, rig.runtime, rig.kernel.id);
    }
    for (const { n, output } of await collect(rig.kernel, 900)) outputs.push(2 * n + output);
    await within(2 * PATIENCE, sent, "the sends");
    deepEqual(outputs, range(1800), "outputs");
    deepEqual(numbers(await collect(rig.witness, 900)), range(900), "what the witness was told");
    await quiet(rig.kernel, { processed: 900, input: { accepted: 900, done: 900 } });
    // a place may end between the acceptance of an output and its count
    const { sent: counted } = await rig.kernel.telemetry();
    ok(counted <= 1800 && counted >= 1800 - 3, `sent is ${counted}, not 1800 less one for each loss at most`);
  }),
  losing(1, "at a loss in the middle of traffic no message is lost", async (trial) => {
    const rig = await startLosable(trial, loopWorker);
    const seen = new Set<number>();
    const over = new AbortController();
    const reading = (async () => {
      for (;;) seen.add((await rig.kernel.receive({ signal: over.signal })).n);
    })().catch(() => {});
    const sent = sendAll(rig.kernel, jobs(900));
    for (let round = 1; round <= 3; round++) {
      await reachesMore(rig.kernel, 200 * round);
      await loseAndWait(trial, rig.runtime, rig.kernel.id);
    }
    await within(2 * PATIENCE, sent, "the sends");
    await quiet(rig.kernel, { processed: 900, input: { accepted: 900, done: 900, deadLettered: 0 } });
    await reaches(rig.kernel, { output: { queued: 0, inHand: 0 } });
    over.abort();
    await reading;
    equal(seen.size, 900, "different outputs");
  }),
  losing(9, "a state goes on where its last checkpoint was", async (trial) => {
    const rig = await startLosable(trial, keeperLoop);
    await sendAll(rig.kernel, jobs(4));
    await collect(rig.kernel, 4);
    await quiet(rig.kernel, { processed: 4 });
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    await rig.kernel.send(Job({ n: 4 }));
    const [last] = await collect(rig.kernel, 1);
    deepEqual([last?.n, last?.from], [10, "0,1,2,3,4"], "what the state has added up");
  }),
  losing(7, "counts go on over the lives of a kernel", async (trial) => {
    const rig = await startLosable(trial, worker, { supervise: retrying });
    for (let life = 1; life <= 3; life++) {
      await sendAll(rig.kernel, jobs(10));
      await collect(rig.kernel, 10);
      const all = { received: 10 * life, processed: 10 * life, sent: 10 * life, requeued: 0 };
      await quiet(rig.kernel, { ...all, restarts: life - 1 });
      await loseAndWait(trial, rig.runtime, rig.kernel.id);
      await counts(rig.kernel, { ...all, restarts: life, input: { accepted: 10 * life, done: 10 * life } });
    }
  }),
  losing(7, "throughput is never more than was processed in the time that passed", async (trial) => {
    const rig = await startLosable(trial, worker);
    const begun = performance.now();
    await sendAll(rig.kernel, jobs(500));
    await collect(rig.kernel, 500);
    await quiet(rig.kernel, { processed: 500 });
    await sleep(300); // so that a rate that ignores the time before this incarnation is far too high
    const look = async (what: string, most: number) => {
      const { throughput, processed } = await rig.kernel.telemetry();
      ok(
        throughput.overall <= most,
        `${what}: ${processed} processed, at most ${most} a second, are ${throughput.overall}`,
      );
      ok(throughput.overall > 0, `${what}: ${processed} processed are a rate of ${throughput.overall}`);
    };
    const most = () => (1000 * 520) / (performance.now() - begun);
    await look("before", 1.1 * (500 / 0.3));
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    const later = most();
    await look("after", 1.1 * later);
    await rig.kernel.request(Job({ n: 0 }), soon);
    await look("with one more", 1.1 * later);
  }),
  losing(7, "latencies keep what was measured before", async (trial) => {
    const rig = await startLosable(trial, worker);
    await rig.kernel.request(Job({ n: 0, delay: 60 }), soon);
    await quiet(rig.kernel, { processed: 1 });
    await rig.kernel.telemetry(); // a place can report its measurements only while it exists
    await loseAndWait(trial, rig.runtime, rig.kernel.id);
    for (const job of jobs(70)) await rig.kernel.request(job, soon);
    await quiet(rig.kernel, { processed: 71 });
    const { processing, wait } = await rig.kernel.telemetry();
    ok(processing.max > 50, `60 ms of work are at most ${processing.max} ms`);
    ok(processing.p50 <= processing.max && wait.p50 <= wait.max, "percentiles are in order");
  }),
  losing(8, "links: either end of a link is lost, and all arrives in order, once", async (trial) => {
    const rig = await startLosable(trial, mortalHandler, { supervise: committing });
    const { runtime } = rig;
    const last = await runtime.start(relayDone, { supervise: committing });
    await runtime.connect(rig.kernel, last);
    for (const [i, id] of [rig.kernel.id, last.id, rig.kernel.id].entries()) {
      const sent = sendAll(
        rig.kernel,
        jobs(30).map(({ n }) => Job({ n: 30 * i + n })),
      );
      const before = await collect(last, 10);
      await loseAndWait(trial, runtime, id);
      const after = await collect(last, 20);
      await within(PATIENCE, sent, "the sends");
      deepEqual(numbers([...before, ...after]), range(30 * (i + 1), 30 * i), `outputs, ${id} lost`);
    }
  }),
  ...["first", "second", "third"].map((name, at) =>
    losing(8, `flow: its ${name} stage is lost, and every input has its result, once and in order`, async (trial) => {
      const runtime = trial.runtimeWithBeside();
      const line = pipeline("line")
        .stage(forward, { name: "first", supervise: committing })
        .stage(forward, { name: "second", supervise: committing })
        .stage(forward, { name: "third", supervise: committing });
      const flow = await runtime.run(line, { maxInFlight: 16 });
      const id = `line.${name}`;
      const seen: number[] = [];
      const all = async () => {
        for await (const { n } of flow.process(tasks(200))) {
          seen.push(n);
          if (n === 40 + at) await loseAndWait(trial, runtime, id);
          if (n === 120) await lose(trial, runtime, id);
        }
      };
      await within(4 * PATIENCE, all(), "process");
      deepEqual(seen, range(200), "outputs");
      equal((await flow.telemetry()).inFlight, 0, "in flight");
      ok((await placesOf(runtime)).size > 0, "places");
      equal(runtime.deadLetters.size, 0, "dead letters");
    }),
  ),
];

async function reachesMore(kernel: Parameters<typeof reaches>[0], processed: number): Promise<void> {
  const end = performance.now() + patience(2 * PATIENCE);
  while ((await kernel.telemetry()).processed < processed) {
    ok(performance.now() < end, `${processed} processed`);
    await sleep(1);
  }
}
