import { body, defineMessage } from "@ringline/core";
import { defineWindowKernel, session, sliding, tumbling } from "@ringline/streams";

export const Event = defineMessage(
  "Event",
  /** @type {typeof body<{ at: number, user: string, n: number, from?: string }>} */ (body)(),
);
export const Sum = defineMessage(
  "Sum",
  /** @type {typeof body<{ key: string, from: number, to: number, count: number, sum: number, firing: string, revision: number }>} */ (
    body
  )(),
);

/** Disorder of the events in the tests, in milliseconds. */
export const DISORDER = 50;
export const kinds = {
  tumbling: tumbling(100),
  moved: tumbling(100, { offset: 30 }),
  sliding: sliding(100, { every: 25 }),
  session: session(20),
};

/** @type {{ initial: () => number, add: (sum: number, event: ReturnType<typeof Event>) => number, merge: (a: number, b: number) => number, result: (sum: number, window: import("@ringline/streams").WindowInfo) => ReturnType<typeof Sum> }} */
const sums = {
  initial: () => 0,
  add: (sum, { n }) => sum + n,
  merge: (a, b) => a + b,
  result: (sum, { key, from, to, count, firing, revision }) =>
    Sum({ key: String(key), from, to, count, sum, firing, revision }),
};
const common = /** @type {const} */ ({
  module: import.meta.url,
  input: Event,
  output: Sum,
  time: "at",
  key: "user",
  ...sums,
});

export const byTumbling = defineWindowKernel({
  ...common,
  id: "byTumbling",
  window: kinds.tumbling,
  outOfOrder: DISORDER,
});
export const byMoved = defineWindowKernel({ ...common, id: "byMoved", window: kinds.moved, outOfOrder: DISORDER });
export const bySliding = defineWindowKernel({
  ...common,
  id: "bySliding",
  window: kinds.sliding,
  outOfOrder: DISORDER,
});
export const bySession = defineWindowKernel({
  ...common,
  id: "bySession",
  window: kinds.session,
  outOfOrder: DISORDER,
});

/** Accepts no disorder. */
export const strict = defineWindowKernel({ ...common, id: "strict", window: kinds.tumbling });
export const sideways = defineWindowKernel({
  ...common,
  id: "sideways",
  window: kinds.tumbling,
  late: ({ at, user, n }) => Sum({ key: user, from: at, to: at, count: 1, sum: n, firing: "side", revision: 0 }),
});
export const lenient = defineWindowKernel({
  ...common,
  id: "lenient",
  window: kinds.tumbling,
  allowedLateness: 200,
  early: 2,
});
export const lenientSession = defineWindowKernel({
  ...common,
  id: "lenientSession",
  window: kinds.session,
  allowedLateness: 100,
});
export const bySource = defineWindowKernel({
  ...common,
  id: "bySource",
  window: kinds.tumbling,
  source: ({ from }) => from ?? "",
  idle: 1000,
});
/** Set by a test: one result of so many throws. */
export const faults = { every: Number.POSITIVE_INFINITY, results: 0 };
export const kept = defineWindowKernel({
  ...common,
  id: "kept",
  window: kinds.session,
  outOfOrder: DISORDER,
  state: "checkpoint",
  result: (sum, window) => {
    if (++faults.results % faults.every === 0) throw new Error("a fault on purpose");
    return sums.result(sum, window);
  },
  supervise: {
    restart: "on-failure",
    onCrash: "retry",
    effects: "commit",
    backoff: { initial: 1, max: 1, jitter: 0 },
    limit: { max: 1000, window: 1000 },
  },
});
