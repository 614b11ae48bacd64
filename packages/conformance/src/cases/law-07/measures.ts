import type { KernelTelemetry, Latency } from "@ringline/core";
import { deepEqual, equal, ok, patience, rejects, sleep, until } from "../../assert.js";
import type { Case } from "../../case.js";
import { jobWorkers, worker } from "../../kernels/job-workers.js";
import { Job } from "../../kernels/jobs.js";
import { collect, counts, jobs, quiet, sendAll } from "../../support/traffic.js";

const zero = { p50: 0, p90: 0, p99: 0, max: 0, octaves: [] };

function ordered(name: string, { p50, p90, p99, max, octaves }: Latency): void {
  ok([p50, p90, p99, max].every(Number.isFinite), `${name} holds what is no number`);
  ok(0 <= p50 && p50 <= p90 && p90 <= p99 && p99 <= max, `${name} is not in order: ${p50}, ${p90}, ${p99}, ${max}`);
  // a clock of whole milliseconds, as in browsers, sometimes measures 0
  ok((max === 0 || octaves.length > 0) && octaves.at(-1) !== 0, `${name} has the octaves ${octaves} up to ${max}`);
  ok(octaves.length === 0 || max < 0.0016 * 2 ** (octaves.length - 1), `${name}: ${max} is beyond ${octaves.length}`);
}

function sane({ throughput: { recent, overall }, wait, processing }: KernelTelemetry): void {
  for (const rate of [recent, overall]) ok(Number.isFinite(rate) && rate >= 0, `a throughput of ${rate}`);
  ordered("wait", wait);
  ordered("processing", processing);
}

export const measures: readonly Case[] = [
  ...jobWorkers.map(
    (kernel): Case => ({
      law: 7,
      name: `latency: ${kernel.id}: percentiles are in order, and zero before anything was measured`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        const start = await handle.telemetry();
        deepEqual([start.wait, start.processing], [zero, zero], "latencies at the start");
        deepEqual(start.throughput, { recent: 0, overall: 0 }, "throughput at the start");
        const sent = sendAll(handle, jobs(2000));
        await collect(handle, 2000);
        await sent;
        await quiet(handle, { processed: 2000 });
        const { wait, processing, ...rest } = await handle.telemetry();
        sane({ wait, processing, ...rest });
        ok(processing.max > 0 && processing.max < patience(10_000), `the longest took ${processing.max} ms`);
      },
    }),
  ),
  {
    law: 7,
    name: "latency: the time in the queue is that of waiting",
    async run(trial) {
      const handle = await trial.runtime().launch(worker);
      await handle.send(Job({ n: 1 }));
      await sleep(60);
      await handle.activate();
      await quiet(handle, { processed: 1 });
      const { wait, processing } = await handle.telemetry();
      ok(wait.max > 50 && wait.max < patience(), `60 ms of waiting are ${wait.max}`);
      ok(wait.p50 > 50 && wait.p50 <= wait.max, `the median of one value is ${wait.p50}`);
      ok(processing.max < wait.max, `processing that took no time is ${processing.max}`);
    },
  },
  {
    law: 7,
    name: "latency: the time in hand is that of the body",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      await handle.send(Job({ n: 1, delay: 60 }));
      await collect(handle, 1);
      await quiet(handle, { processed: 1 });
      const { processing, wait } = await handle.telemetry();
      ok(processing.max > 50 && processing.max < patience(), `60 ms of work are ${processing.max}`);
      ok(wait.max < processing.max, `a wait that took no time is ${wait.max}`);
    },
  },
  {
    law: 7,
    name: "latency: one slow message among many shows in the maximum, not in the median",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      await sendAll(handle, [Job({ n: 0, delay: 80 }), ...jobs(1280)]);
      await collect(handle, 1281);
      await quiet(handle, { processed: 1281 });
      const { processing } = await handle.telemetry();
      ordered("processing", processing);
      ok(processing.max > 70, `the maximum is ${processing.max}`);
      ok(processing.p50 < patience(40), `the median is ${processing.p50}`);
    },
  },
  {
    law: 7,
    name: "throughput: overall is what was processed, divided by the age",
    async run(trial) {
      const before = performance.now();
      const handle = await trial.runtime().start(worker);
      const started = performance.now();
      await sendAll(handle, jobs(500));
      await collect(handle, 500);
      await quiet(handle, { processed: 500 });
      await sleep(60 + 2 * (started - before)); // the age begins at some moment of the start, which may take long
      const [from, telemetry, to] = [performance.now(), await handle.telemetry(), performance.now()];
      sane(telemetry);
      const age = (500 * 1000) / telemetry.throughput.overall;
      ok(age >= (from - started) * 0.9 - 5, `an age of ${age} ms, not ${from - started} at least`);
      ok(age <= (to - before) * 1.1 + 5, `an age of ${age} ms, not ${to - before} at most`);
    },
  },
  {
    law: 7,
    name: "throughput: the recent one is about the overall one while all is recent",
    async run(trial) {
      const handle = await trial.runtime().start(worker);
      await sendAll(handle, jobs(500));
      await collect(handle, 500);
      await sleep(40);
      const { throughput } = await handle.telemetry();
      const { recent, overall } = throughput;
      ok(recent > overall * 0.5 && recent < overall * 2, `recent ${recent}, overall ${overall}`);
    },
  },
  {
    law: 7,
    name: "throughput: the recent one falls to zero when the window has passed, the overall one does not",
    async run(trial) {
      const handle = await trial.runtime({ telemetry: { window: 100 } }).start(worker);
      await sendAll(handle, jobs(200));
      await collect(handle, 200);
      await quiet(handle, { processed: 200 });
      ok((await handle.telemetry()).throughput.overall > 0, "overall at first");
      await until("no recent throughput", async () => {
        const telemetry = await handle.telemetry();
        sane(telemetry);
        return telemetry.throughput.recent === 0;
      });
      ok((await handle.telemetry()).throughput.overall > 0, "overall afterwards");
      await sendAll(handle, jobs(50));
      await collect(handle, 50);
      await quiet(handle, { processed: 250 });
      const { recent } = (await handle.telemetry()).throughput;
      ok(recent > 0, "recent throughput once it works again");
    },
  },
  {
    law: 7,
    name: "throughput: at any moment, from the first look on, it is a number and not negative",
    async run(trial) {
      const handle = await trial.runtime({ telemetry: { window: 20 } }).launch(worker);
      for (let i = 0; i < 10; i++) sane(await handle.telemetry());
      await handle.activate();
      for (let round = 0; round < 60; round++) {
        await handle.send(Job({ n: round }));
        sane(await handle.telemetry());
        await collect(handle, 1);
        if (round % 10 === 9) await sleep(7);
      }
    },
  },
  ...jobWorkers.map(
    (kernel): Case => ({
      law: 7,
      name: `telemetry: false: ${kernel.id}: no latency and no throughput, and the accounts are exact all the same`,
      async run(trial) {
        const handle = await trial.runtime({ telemetry: false }).start(kernel, { queueSize: 100 });
        const sent = sendAll(handle, jobs(300));
        await collect(handle, 250);
        await sent;
        await quiet(handle, {
          input: { accepted: 300, done: 300 },
          output: { accepted: 300, queued: 50, done: 250 },
          ...{ received: 300, processed: 300, sent: 300, errors: 0 },
        });
        const { wait, processing, throughput } = await handle.telemetry();
        deepEqual([wait, processing, throughput], [zero, zero, { recent: 0, overall: 0 }], "figures");
        await handle.terminate();
        await counts(handle, { input: { accepted: 300, done: 300 }, output: { queued: 50 } });
      },
    }),
  ),
  {
    law: 7,
    name: "telemetry: false: drops, rejections and dead letters are counted all the same",
    async run(trial) {
      const runtime = trial.runtime({ telemetry: false });
      const dropping = await runtime.launch(worker.as("dropping"), { queueSize: 2, backpressure: "drop-oldest" });
      const rejecting = await runtime.launch(worker.as("rejecting"), { queueSize: 2, backpressure: "reject" });
      await sendAll(dropping, jobs(6));
      await sendAll(rejecting, jobs(2, { fail: "at once" }));
      await rejects(rejecting.send(Job({ n: 2 })), "QUEUE_FULL");
      await rejecting.activate();
      await quiet(rejecting, { rejected: 1, errors: 2, deadLettered: 2, processed: 0, received: 2 });
      await counts(dropping, { dropped: 4, input: { accepted: 6, queued: 2, dropped: 4 } });
    },
  },
  {
    law: 7,
    name: "telemetry: it answers after the end, with the last counts",
    async run(trial) {
      const runtime = trial.runtime();
      const handle = await runtime.start(worker);
      await sendAll(handle, jobs(5));
      await collect(handle, 5);
      await handle.terminate();
      await counts(handle, { received: 5, processed: 5, sent: 5 }, "terminated");
      equal((await runtime.telemetry("worker")).processed, 5, "by id");
      await runtime.dispose();
      await counts(handle, { received: 5, processed: 5, sent: 5 }, "disposed");
      sane(await handle.telemetry());
    },
  },
];
