import { equal, ok, PATIENCE, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { source } from "../../kernels/endings.js";
import { Task } from "../../kernels/messages.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { handler, sink } from "../../kernels/workers.js";
import { telemetryWhen } from "../../support/handle.js";
import type { TrialRuntime } from "../../trial.js";

/** A million messages flow, or as many as go through in this many milliseconds. */
const MANY = 1_000_000;
const WHILE = 1500;
/** A timer may be late by this much, on a busy machine; without turns it is late by the whole flow. */
const LATE = 1000;

/** Whatever flows, timers and I/O of the host keep running. */
export const fairness: readonly Case[] = [
  {
    law: 8,
    name: "timers and I/O run while a million messages flow into a kernel",
    limit: 30_000,
    async run(trial) {
      const handle = await trial.runtime().start(sink);
      await watched(async (isOver) => {
        let sent = 0;
        const task = Task({ n: 0 });
        while (sent < MANY && !isOver()) {
          for (let i = 0; i < 1000; i++) await handle.send(task);
          sent += 1000;
        }
        await telemetryWhen(handle, "all done", ({ processed }) => processed === sent);
      });
    },
  },
  {
    law: 8,
    name: "timers and I/O run while requests follow each other without pause",
    limit: 30_000,
    async run(trial) {
      const handle = await trial.runtime().start(handler);
      await watched(async (isOver) => {
        for (let n = 0; !isOver(); n++) equal((await handle.request(Task({ n }))).n, n, "answer");
      }, 400);
    },
  },
  {
    law: 8,
    name: "timers and I/O run while kernels keep each other busy and the host does nothing",
    limit: 30_000,
    async run(trial) {
      const runtime: TrialRuntime = trial.runtime();
      const first = await runtime.launch(source);
      const middle = [await runtime.start(passer), await runtime.start(passLoop)];
      const last = await runtime.start(sink);
      const stages = [first, ...middle, last];
      for (let i = 1; i < stages.length; i++) await runtime.connect(stages[i - 1] as never, stages[i] as never);
      await watched(async () => {
        await first.activate();
        await new Promise((resolve) => setTimeout(resolve, 300));
        await within(PATIENCE, first.terminate(), "the end of the source");
      }, 300);
      ok((await last.telemetry()).processed > 0, "messages went all the way");
    },
  },
];

/** Runs a flow while a timer ticks and messages go through the event loop. Neither may be kept waiting. */
async function watched(flow: (isOver: () => boolean) => Promise<void>, time = WHILE): Promise<void> {
  const start = performance.now();
  let [last, gap, ticks, echoes] = [start, 0, 0, 0];
  const timer = setInterval(() => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
    ticks++;
  }, 5);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    echoes++;
    port2.postMessage(0);
  };
  port2.postMessage(0);
  try {
    await flow(() => performance.now() - start > time);
    gap = Math.max(gap, performance.now() - last);
  } finally {
    clearInterval(timer);
    port1.close();
    port2.close();
  }
  ok(ticks > 0 && echoes > 0, `${ticks} ticks and ${echoes} turns of I/O while messages flowed`);
  ok(gap < LATE, `the longest time without a tick: ${gap.toFixed(0)} ms`);
}
