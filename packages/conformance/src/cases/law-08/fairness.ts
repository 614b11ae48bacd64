import { isRinglineError } from "@ringline/core";
import { equal, ok, PATIENCE, patience, rejects, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { source } from "../../kernels/endings.js";
import { poller } from "../../kernels/hostile.js";
import { type Result, Task } from "../../kernels/messages.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { handler, looper, sink } from "../../kernels/workers.js";
import { telemetryWhen } from "../../support/handle.js";
import type { TrialRuntime } from "../../trial.js";

/** Number of messages, or as many as pass in the milliseconds below. */
const MANY = 1_000_000;
const WHILE = 1500;
/**
 * Milliseconds by which a timer may be late on a busy machine; without turns it is late by the duration of the flow.
 */
const LATE = 1000;

/** Cases in which timers and I/O of the host keep running under load. */
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
        await telemetryWhen(last, "messages that went all the way", ({ processed }) => processed > 0);
        await within(PATIENCE, first.terminate(), "the end of the source");
      }, 300);
    },
  },
  {
    law: 8,
    name: "kernels that never run out of messages leave others their turn",
    limit: 30_000,
    async run(trial) {
      const runtime = trial.runtime();
      // the messages in these cycles never run out
      for (const kernel of [passer, passer.as("other"), passLoop]) {
        const next = kernel.as(`${kernel.id}Back`);
        await runtime.start(kernel);
        await runtime.start(next);
        await runtime.connect(kernel, next);
        await runtime.connect(next, kernel);
        for (let n = 0; n < 100; n++) await runtime.send(kernel, Task({ n }));
      }
      const [handles, loops] = [await runtime.start(handler), await runtime.start(looper)];
      for (const handle of [handles, loops]) {
        for (let n = 0; n < 100; n++) equal((await handle.request(Task({ n }), soon)).n, n, "answer");
      }
    },
  },
  ...(["send", "request"] as const).map(
    (call): Case => ({
      law: 8,
      name: `a ${call} that is tried again at once whenever the queue is full gets its turn, and timers and I/O run`,
      limit: 30_000,
      async run(trial) {
        const handle = await trial.runtime().start(handler, { queueSize: 1, backpressure: "reject" });
        const attempts = {
          send: async (n: number) => handle.send(Task({ n, outputs: 0 })),
          request: async (n: number) => {
            equal((await handle.request(Task({ n }))).n, n, "answer");
          },
        };
        await watched(async (isOver) => {
          const end = performance.now() + patience();
          for (let n = 0; n < 20 || !isOver(); n++) {
            if (call === "request") await again(() => attempts.send(-1), end); // fills the queue
            await again(() => attempts[call](n), end);
          }
        }, 300);
      },
    }),
  ),
  {
    law: 8,
    name: "timers and I/O run, and the kernel works, while sends with options never have to wait",
    limit: 30_000,
    async run(trial) {
      const handle = await trial.runtime().start(sink, { queueSize: 8, backpressure: "drop-oldest" });
      const { signal } = new AbortController();
      let sent = 0;
      await watched(async (isOver) => {
        for (; !isOver(); sent++) await handle.send(Task({ n: sent }), { signal });
      }, 400);
      const { processed } = await telemetryWhen(handle, "an empty queue", ({ ledger }) => ledger.input.queued === 0);
      ok(processed > 8, `${processed} of ${sent} processed`);
    },
  },
  {
    law: 8,
    name: "timers and I/O run, and the targets work, while a source broadcasts without ever having to wait",
    limit: 30_000,
    async run(trial) {
      const runtime: TrialRuntime = trial.runtime();
      const from = await runtime.launch(source);
      const options = { queueSize: 8, backpressure: "drop-oldest" } as const;
      const targets = [await runtime.start(sink.as("left"), options), await runtime.start(sink.as("right"), options)];
      for (const target of targets) await runtime.connect(from, target as never, { mode: "broadcast" });
      await watched(async () => {
        await from.activate();
        await new Promise((resolve) => setTimeout(resolve, 300));
        for (const target of targets) await telemetryWhen(target, "work", ({ processed }) => processed > 8);
        await within(PATIENCE, from.terminate(), "the end of the source");
      }, 300);
    },
  },
  {
    law: 8,
    name: "timers and I/O run, and the kernel works, while the host asks for outputs with a time-out of 0",
    limit: 30_000,
    async run(trial) {
      const handle = await trial.runtime().start(handler);
      await watched(async () => {
        const end = performance.now() + patience();
        for (let n = 0; n < 5; n++) {
          await handle.send(Task({ n, delay: 20 }));
          let result: Result | undefined;
          while (result === undefined) {
            ok(performance.now() < end, `output ${n} in time`);
            result = await handle.receive({ timeout: 0 }).catch(() => undefined);
          }
          equal(result.n, n, "output");
        }
      });
    },
  },
  {
    law: 8,
    name: "timers and I/O run while a kernel asks for messages with a time-out of 0, and it can be ended",
    limit: 30_000,
    async run(trial) {
      const handle = await trial.runtime().start(poller);
      await watched(async () => {
        await handle.send(Task({ n: 1 }));
        equal((await handle.receive(soon)).n, 1, "output");
        await new Promise((resolve) => setTimeout(resolve, 100));
        await within(PATIENCE, handle.terminate(soon), "terminate");
      });
      await rejects(handle.send(Task({ n: 2 })), "TERMINATED", "a send afterwards");
    },
  },
];

/** Retries without a pause while the attempt fails with `QUEUE_FULL`. */
async function again(attempt: () => Promise<void>, end: number): Promise<void> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isRinglineError(error, "QUEUE_FULL")) throw error;
      ok(performance.now() < end, "room in the queue");
    }
  }
}

/** Runs a flow while a timer ticks and messages go through the event loop. Neither may be delayed. */
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
  ok(gap < patience(LATE), `the longest time without a tick: ${gap.toFixed(0)} ms`);
}
