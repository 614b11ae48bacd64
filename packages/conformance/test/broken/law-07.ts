import type { PortStats } from "@ringline/core/internal";
import { type BrokenBackend, eachPort, type Faults, incarnationWith, portWith, spoiled } from "./broken-backend.js";

/** Spoils the figures of every input. */
function counting(spoil: (stats: PortStats) => PortStats): Faults {
  return { port: eachPort("input", (port) => portWith(port, { stats: async () => spoil(await port.stats()) })) };
}

const step = "counters: received are deliveries, processed is what is done, step by step";

export const law07: readonly BrokenBackend[] = [
  {
    name: "counts no drops",
    law: 7,
    does: "counts a dropped message as one that was never accepted",
    caughtBy: "counters: dropped are those that made room",
    create: () =>
      spoiled(
        counting(({ ledger, ...stats }) => ({
          ...stats,
          ledger: { ...ledger, accepted: ledger.accepted - ledger.dropped, dropped: 0 },
        })),
      ),
  },
  {
    name: "counts no rejections",
    law: 7,
    does: "counts nothing that it refused",
    caughtBy: "counters: rejected are those refused by a full input, and nothing else",
    create: () => spoiled(counting((stats) => ({ ...stats, rejected: 0 }))),
  },
  {
    name: "counts what is accepted as received",
    law: 7,
    does: "counts a message as received before it is delivered",
    caughtBy: step,
    create: () => spoiled(counting((stats) => ({ ...stats, received: stats.ledger.accepted }))),
  },
  {
    name: "takes what is in hand for done",
    law: 7,
    does: "counts a message as done that the kernel still works on",
    caughtBy: step,
    create: () =>
      spoiled(
        counting(({ ledger, ...stats }) => ({
          ...stats,
          ledger: { ...ledger, done: ledger.done + ledger.inHand, inHand: 0 },
        })),
      ),
  },
  {
    name: "stale telemetry",
    law: 7,
    does: "gives the figures of its first look forever",
    caughtBy: "asOf: each look is fresh and says when it was true",
    create: () =>
      spoiled({
        port: eachPort("input", (port) => {
          let first: PortStats | undefined;
          return portWith(port, {
            async stats() {
              first ??= await port.stats();
              return first;
            },
          });
        }),
      }),
  },
  {
    name: "counts no errors",
    law: 7,
    does: "does not count what kernels throw",
    caughtBy: "counters: errors are throws, dead letters are messages",
    create: () =>
      spoiled({
        incarnation: (incarnation) =>
          incarnationWith(incarnation, { stats: async () => ({ ...(await incarnation.stats()), errors: 0 }) }),
      }),
  },
  {
    name: "counts one output too few",
    law: 7,
    does: "does not count the first output",
    caughtBy: "counters: what goes to a peer is no output, and is received there",
    create: () =>
      spoiled({
        incarnation: (incarnation) =>
          incarnationWith(incarnation, {
            async stats() {
              const { sent, ...stats } = await incarnation.stats();
              return { ...stats, sent: Math.max(0, sent - 1) };
            },
          }),
      }),
  },
  {
    name: "percentiles out of order",
    law: 7,
    does: "takes the longest wait for the median",
    caughtBy: "latency: worker: percentiles are in order, and zero before anything was measured",
    create: () => spoiled(counting(({ wait, ...stats }) => ({ ...stats, wait: { ...wait, p50: wait.max * 2 } }))),
  },
  {
    name: "octaves of a percentile",
    law: 7,
    does: "counts one wait for the median in place of all measured ones",
    caughtBy: "latency: worker: percentiles are in order, and zero before anything was measured",
    create: () => spoiled(counting(({ wait, ...stats }) => ({ ...stats, wait: { ...wait, octaves: [0] } }))),
  },
  {
    name: "seconds for milliseconds",
    law: 7,
    does: "measures the time in the queue in seconds",
    caughtBy: "latency: the time in the queue is that of waiting",
    create: () =>
      spoiled(
        counting(({ wait: { p50, p90, p99, max, octaves }, ...stats }) => ({
          ...stats,
          wait: { p50: p50 / 1000, p90: p90 / 1000, p99: p99 / 1000, max: max / 1000, octaves },
        })),
      ),
  },
  {
    name: "throughput without a window",
    law: 7,
    does: "gives the overall throughput as the recent one",
    caughtBy: "throughput: the recent one falls to zero when the window has passed, the overall one does not",
    create: () =>
      spoiled(
        counting(({ throughput: { overall }, ...stats }) => ({ ...stats, throughput: { recent: overall, overall } })),
      ),
  },
  {
    name: "throughput by the millisecond",
    law: 7,
    does: "gives messages a millisecond as messages a second",
    caughtBy: "throughput: overall is what was processed, divided by the age",
    create: () =>
      spoiled(
        counting(({ throughput: { recent, overall }, ...stats }) => ({
          ...stats,
          throughput: { recent: recent / 1000, overall: overall / 1000 },
        })),
      ),
  },
  {
    name: "twice the rate",
    law: 7,
    does: "counts each message in its throughput two times",
    caughtBy: "throughput: overall is what was processed, divided by the age",
    create: () =>
      spoiled(
        counting(({ throughput: { recent, overall }, ...stats }) => ({
          ...stats,
          throughput: { recent: recent * 2, overall: overall * 2 },
        })),
      ),
  },
  {
    name: "half the rate",
    law: 7,
    does: "counts every other message in its throughput",
    caughtBy: "throughput: overall is what was processed, divided by the age",
    create: () =>
      spoiled(
        counting(({ throughput: { recent, overall }, ...stats }) => ({
          ...stats,
          throughput: { recent: recent / 2, overall: overall / 2 },
        })),
      ),
  },
  {
    name: "microseconds for milliseconds",
    law: 7,
    does: "measures the time in the queue in microseconds",
    caughtBy: "latency: the time in the queue is that of waiting",
    create: () =>
      spoiled(
        counting(({ wait, ...stats }) => {
          const { p50, p90, p99, max } = wait;
          return { ...stats, wait: { ...wait, p50: p50 * 1000, p90: p90 * 1000, p99: p99 * 1000, max: max * 1000 } };
        }),
      ),
  },
  {
    name: "forgets the longest",
    law: 7,
    does: "gives the median as the longest time",
    caughtBy: "latency: one slow message among many shows in the maximum, not in the median",
    create: () =>
      spoiled({
        incarnation: (incarnation) =>
          incarnationWith(incarnation, {
            async stats() {
              const { processing, ...stats } = await incarnation.stats();
              const { p50 } = processing;
              return { ...stats, processing: { ...processing, p90: p50, p99: p50, max: p50 } };
            },
          }),
      }),
  },
  {
    name: "measures what is switched off",
    law: 7,
    does: "measures latencies and throughput with `telemetry: false`",
    caughtBy: "telemetry: false: worker: no latency and no throughput, and the accounts are exact all the same",
    create: () => spoiled({ port: (spec, open) => open({ ...spec, telemetry: spec.telemetry ?? { window: 1000 } }) }),
  },
  {
    name: "keeps no accounts without telemetry",
    law: 7,
    does: "counts nothing with `telemetry: false`",
    caughtBy: "telemetry: false: drops, rejections and dead letters are counted all the same",
    create: () =>
      spoiled({
        port: async (spec, open) => {
          const port = await open(spec);
          if (spec.telemetry !== undefined) return port;
          const ledger = { accepted: 0, queued: 0, inHand: 0, done: 0, dropped: 0, deadLettered: 0 };
          const zeros = { ledger, received: 0, rejected: 0, requeued: 0 };
          return portWith(port, { stats: async () => ({ ...(await port.stats()), ...zeros }) });
        },
      }),
  },
  {
    name: "waits for nobody",
    law: 7,
    does: "says of no kernel what it waits for",
    caughtBy: "inspect: two kernels that ask each other are a circle",
    create: () =>
      spoiled({
        incarnation: (incarnation) =>
          incarnationWith(incarnation, { stats: async () => ({ ...(await incarnation.stats()), waits: [] }) }),
      }),
  },
  {
    name: "hides who is parked",
    law: 7,
    does: "counts no sender that waits for room",
    caughtBy: "inspect: a kernel that waits to be read, one that waits for work, and who waits for room",
    create: () => spoiled(counting((stats) => ({ ...stats, parked: 0 }))),
  },
];
