import { availableParallelism } from "node:os";
import type { Parameters } from "../parameters.js";
import { median } from "../stats/quantile.js";
import type { Closable, Subject } from "../subject.js";
import type { SubjectEntry } from "../subjects.js";
import { roundTrip } from "../workloads/round-trip.js";
import { exchangeFor, throughput } from "../workloads/throughput.js";
import type { Workload, WorkloadName } from "../workloads/workload.js";
import type { Carrier } from "./carrier.js";
import type { Crowd } from "./crowd.js";
import type { Pair } from "./halves.js";
import { type Pinning, pinnedTo } from "./pinning.js";
import { carriers, crowds, halves, handOvers, threadLines } from "./subjects.js";

/** Large arrays under way at a time. */
const AT_ONCE = 3;

/** A workload with whom it is measured on. */
interface Loaded<L extends Closable = never> {
  readonly workload: Workload<L>;
  readonly reference: Subject<L>;
  readonly subjects: readonly Subject<L>[];
  /** Threads that compute beside it. */
  readonly busy: number;
}

interface ThreadWorkload {
  readonly name: WorkloadName;
  load(sizes: Parameters): Promise<Loaded<Closable>>;
}

function on<L extends Closable>(
  name: WorkloadName,
  entries: readonly SubjectEntry<L>[],
  workload: (sizes: Parameters) => Workload<L>,
  busy = 0,
): ThreadWorkload {
  return {
    name,
    async load(sizes) {
      const subjects = await Promise.all(entries.map((entry) => entry.load()));
      const loaded: Loaded<L> = { workload: workload(sizes), reference: subjects[0] as Subject<L>, subjects, busy };
      return loaded as unknown as Loaded<Closable>;
    },
  };
}

/** CPU time of the whole process, all threads: what a message costs, however it is spread. */
function cpuTime({ threadMessages: messages, outstanding, slices }: Parameters): Workload {
  return {
    name: "threads-cpu",
    title: `CPU time of all threads a message, ${outstanding} outstanding`,
    unit: "µs",
    better: "lower",
    stages: 1,
    slices,
    async measure(line) {
      const before = process.cpuUsage();
      const [through] = await exchangeFor(line, { messages, outstanding, slices, isAlone: false });
      const { user, system } = process.cpuUsage(before);
      return (user + system) / through;
    },
  };
}

function arrays({ threadBatches }: Parameters): Workload<Carrier> {
  return {
    name: "threads-arrays",
    title: `arrays of 4 MB to a thread, ${AT_ONCE} outstanding`,
    unit: "GB/s",
    better: "higher",
    stages: 1,
    async measure(carrier) {
      const started = performance.now();
      const loads = threadBatches * 16;
      for (let i = 0; i < loads; i++) {
        await carrier.send();
        if (i >= AT_ONCE - 1) await carrier.arrived();
      }
      for (let i = 1; i < AT_ONCE; i++) await carrier.arrived();
      return (carrier.bytes * loads) / (performance.now() - started) / 1e6;
    },
  };
}

/** Like the round trip: the median over batches, as the first ones meet a thread that sleeps. */
function handOver({ threadTrips, threadBatches: batches }: Parameters): Workload<Carrier> {
  const trips = threadTrips / 4;
  return {
    name: "threads-hand-over",
    title: `a buffer there and back, whatever its size, p50 over ${batches} batches of ${trips} trips`,
    unit: "µs",
    better: "lower",
    stages: 1,
    async measure(carrier) {
      const times: number[] = [];
      for (let batch = 0; batch < batches; batch++) {
        const started = performance.now();
        for (let i = 0; i < trips; i++) {
          await carrier.send();
          await carrier.arrived();
        }
        times.push(((performance.now() - started) * 1000) / trips);
      }
      return median(times);
    },
  };
}

function fanIn({ threadMessages }: Parameters): Workload<Crowd> {
  return {
    name: "threads-fan-in",
    title: "messages that one consumer gets, from thread to thread",
    unit: "msg/s",
    better: "higher",
    stages: 1,
    async measure(crowd) {
      const started = performance.now();
      await crowd.produce(threadMessages);
      return threadMessages / ((performance.now() - started) / 1000);
    },
  };
}

function cores({ threadMessages }: Parameters): Workload<Pair> {
  const pieces = threadMessages / 25;
  return {
    name: "threads-cores",
    title: `how much faster two are than one with ${pieces.toLocaleString("en")} pieces of 50 µs`,
    unit: "times",
    better: "higher",
    stages: 1,
    async measure(pair) {
      const timed = async (by: 1 | 2) => {
        const started = performance.now();
        await pair.work(pieces, by);
        return performance.now() - started;
      };
      return (await timed(1)) / (await timed(2));
    },
  };
}

function trips(name: WorkloadName) {
  return ({ threadTrips, threadBatches: batches, slices }: Parameters): Workload =>
    roundTrip({ name, trips: threadTrips, batches, slices, isAlone: false });
}

/** Pins the threads: a sender on the core of its receiver waits for it; on another core both run at once. */
const pinned = (how: Pinning, entries: readonly SubjectEntry[]): readonly SubjectEntry[] =>
  entries.map(({ name, load }) => ({ name, load: async () => pinnedTo(how, await load()) }));

export const threadWorkloads: readonly ThreadWorkload[] = [
  on("threads-echo", threadLines, ({ threadMessages: messages, outstanding, slices }) =>
    throughput({ name: "threads-echo", stages: 1, messages, outstanding, slices, isAlone: false }),
  ),
  on("threads-cpu", threadLines, cpuTime),
  ...(["threads-round-trip/apart", "threads-round-trip/together"] as const).map((name) =>
    on(name, pinned(name.endsWith("apart") ? "apart" : "together", threadLines), trips(name)),
  ),
  on("threads-round-trip-busy", threadLines, trips("threads-round-trip-busy"), availableParallelism() - 1),
  on("threads-arrays", carriers, arrays),
  on("threads-hand-over", handOvers, handOver),
  on("threads-fan-in", crowds, fanIn),
  on("threads-cores", halves, cores),
];
