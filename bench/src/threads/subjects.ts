import type { SubjectEntry } from "../subjects.js";
import type { Carrier } from "./carrier.js";
import type { Crowd } from "./crowd.js";
import type { Pair } from "./halves.js";

export const THREAD_REFERENCE = "post-message";

/** One message there and one back. */
export const threadLines: readonly SubjectEntry[] = [
  { name: THREAD_REFERENCE, load: async () => (await import("./post-message.js")).postMessage },
  { name: "post-message-batches", load: async () => (await import("./post-message.js")).postMessageBatches },
  { name: "shared-ring", load: async () => (await import("./ring-line.js")).sharedRing },
  { name: "shared-ring-codec", load: async () => (await import("./ring-line.js")).sharedRingCodec },
  { name: "piscina", load: async () => (await import("./piscina.js")).piscinaRun },
  { name: "piscina-256", load: async () => (await import("./piscina.js")).piscinaMany },
  { name: "comlink", load: async () => (await import("./comlink.js")).comlink },
  { name: "tinypool", load: async () => (await import("../peers/worker-pools.js")).tinypool },
  { name: "workerpool", load: async () => (await import("../peers/worker-pools.js")).workerpool },
  { name: "poolifier", load: async () => (await import("../peers/worker-pools.js")).poolifier },
  { name: "thread-run", load: async () => (await import("./ringline.js")).threadRun },
  { name: "thread-handle", load: async () => (await import("./ringline.js")).threadHandle },
  { name: "thread-batches", load: async () => (await import("./ringline.js")).threadBatches },
];

/** Large arrays to a thread. */
export const carriers: readonly SubjectEntry<Carrier>[] = [
  { name: "structured-clone", load: async () => (await import("./carriers.js")).structuredClone },
  { name: "memcpy", load: async () => (await import("./carriers.js")).memcpy },
  { name: "thread-array", load: async () => (await import("./carriers.js")).threadArray },
  { name: "thread-buffer", load: async () => (await import("./carriers.js")).threadBuffer },
];

/** One buffer of some size, there and back again. */
export const handOvers: readonly SubjectEntry<Carrier>[] = [
  { name: "hand-over-64-KB", load: async () => (await import("./carriers.js")).handOver("hand-over-64-KB", 2 ** 16) },
  { name: "hand-over-4-MB", load: async () => (await import("./carriers.js")).handOver("hand-over-4-MB", 2 ** 22) },
  { name: "hand-over-64-MB", load: async () => (await import("./carriers.js")).handOver("hand-over-64-MB", 2 ** 26) },
];

/** Producers on threads of their own, and one consumer. */
export const crowds: readonly SubjectEntry<Crowd>[] = [
  { name: "one-producer", load: async () => (await import("./crowd.js")).crowd("one-producer", 1) },
  { name: "three-producers", load: async () => (await import("./crowd.js")).crowd("three-producers", 3) },
];

/** The same work by one and by two. */
export const halves: readonly SubjectEntry<Pair>[] = [
  { name: "arithmetic", load: async () => (await import("./halves.js")).arithmetic },
  { name: "cpu-kernels", load: async () => (await import("./halves.js")).cpuKernels },
];

export const threadSubjects: readonly { readonly name: string }[] = [
  ...threadLines,
  ...carriers,
  ...handOvers,
  ...crowds,
  ...halves,
];
