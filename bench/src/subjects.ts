import type { Closable, Line, Subject } from "./subject.js";

/** A subject that can be loaded. Loaded late: a package that does not load is one subject less, not the end. */
export interface SubjectEntry<L extends Closable = Line> {
  readonly name: string;
  readonly load: () => Promise<Subject<L>>;
}

export const REFERENCE = "floor";

export const subjects: readonly SubjectEntry[] = [
  { name: REFERENCE, load: async () => (await import("./subjects/floor.js")).floor },
  { name: "fastq", load: async () => (await import("./subjects/fastq.js")).fastq },
  { name: "fastq-promise", load: async () => (await import("./subjects/fastq.js")).fastqPromise },
  { name: "node-stream", load: async () => (await import("./subjects/node-stream.js")).nodeStream },
  { name: "rxjs", load: async () => (await import("./subjects/rxjs.js")).rxjs },
  { name: "rxjs-map", load: async () => (await import("./subjects/rxjs-map.js")).rxjsMap },
  { name: "nact", load: async () => (await import("./peers/nact.js")).nact },
  { name: "xstate", load: async () => (await import("./peers/xstate.js")).xstate },
  { name: "ringline-run", load: async () => (await import("./subjects/ringline-run.js")).ringlineRun },
  { name: "ringline-handle", load: async () => (await import("./subjects/ringline-handle.js")).ringlineHandle },
  { name: "ringline-request", load: async () => (await import("./subjects/ringline-request.js")).ringlineRequest },
];
