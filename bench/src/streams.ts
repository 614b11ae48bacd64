import type { Stream } from "./stream.js";
import type { SubjectEntry } from "./subjects.js";

export const STREAM_REFERENCE = "node-stream";

/** Subjects of the workload `flow`. */
export const streams: readonly SubjectEntry<Stream>[] = [
  { name: STREAM_REFERENCE, load: async () => (await import("./streams/node-stream.js")).nodeStream },
  { name: "node-stream-sink", load: async () => (await import("./streams/node-stream-sink.js")).nodeStreamSink },
  { name: "floor-flow", load: async () => (await import("./streams/floor.js")).floorFlow },
  { name: "async-generators", load: async () => (await import("./streams/async-generators.js")).asyncGenerators },
  { name: "effect-queue", load: async () => (await import("./streams/effect.js")).effectQueue },
  { name: "effect-batches", load: async () => (await import("./streams/effect.js")).effectBatches },
  { name: "effect-stream", load: async () => (await import("./streams/effect.js")).effectStream },
  { name: "ringline-flow", load: async () => (await import("./streams/ringline-flow.js")).ringlineFlow },
  { name: "ringline-flow-run", load: async () => (await import("./streams/ringline-flow-run.js")).ringlineFlowRun },
  {
    name: "ringline-flow-batches",
    load: async () => (await import("./streams/ringline-flow-batches.js")).ringlineFlowBatches,
  },
];

/** Subjects of the workload `telemetry`: the same flow without and with telemetry. */
export const QUIET = "ringline-flow-quiet";
export const observed: readonly SubjectEntry<Stream>[] = [
  { name: QUIET, load: async () => (await import("./streams/ringline-flow-quiet.js")).ringlineFlowQuiet },
  { name: "ringline-flow", load: async () => (await import("./streams/ringline-flow.js")).ringlineFlow },
];

/** Subjects of the workload `devtools`: the same flow alone, with a view of it, and with a viewer. */
export const ALONE = "ringline-flow";
export const watched: readonly SubjectEntry<Stream>[] = [
  { name: ALONE, load: async () => (await import("./streams/ringline-flow.js")).ringlineFlow },
  {
    name: "ringline-flow-attached",
    load: async () => (await import("./streams/ringline-flow-watched.js")).ringlineFlowAttached,
  },
  {
    name: "ringline-flow-watched",
    load: async () => (await import("./streams/ringline-flow-watched.js")).ringlineFlowWatched,
  },
];
