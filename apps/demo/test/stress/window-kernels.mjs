import { body, defineMessage } from "@ringline/core";
import { defineWindowKernel, session, sliding, tumbling } from "@ringline/streams";

export const Flight = defineMessage(
  "Flight",
  /** @type {typeof body<{ at: number, key: number, delay: number }>} */ (body)(),
);
export const Figures = defineMessage(
  "Figures",
  /** @type {typeof body<{ key: number, from: number, to: number, count: number, sum: number, min: number, max: number }>} */ (
    body
  )(),
);

const MINUTE = 60_000;
/** Time of event by which a flight may come after a later one. */
export const DISORDER = 5 * MINUTE;

/** @typedef {{ sum: number, min: number, max: number }} Sums */

const common = /** @type {const} */ ({
  module: import.meta.url,
  input: Flight,
  output: Figures,
  time: "at",
  key: "key",
  outOfOrder: DISORDER,
});
const figures = {
  initial: () => ({ sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY }),
  add: (/** @type {Sums} */ { sum, min, max }, /** @type {{ delay: number }} */ { delay }) => ({
    sum: sum + delay,
    min: Math.min(min, delay),
    max: Math.max(max, delay),
  }),
  merge: (/** @type {Sums} */ a, /** @type {Sums} */ b) => ({
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  }),
  result: (/** @type {Sums} */ sums, /** @type {import("@ringline/streams").WindowInfo} */ { key, from, to, count }) =>
    Figures({ key: Number(key), from, to, count, ...sums }),
};

export const hours = defineWindowKernel({ ...common, ...figures, id: "hours", window: tumbling(60 * MINUTE) });
export const halfPast = defineWindowKernel({
  ...common,
  ...figures,
  id: "halfPast",
  window: tumbling(60 * MINUTE, { offset: 30 * MINUTE }),
});
export const quarters = defineWindowKernel({
  ...common,
  ...figures,
  id: "quarters",
  window: sliding(60 * MINUTE, { every: 15 * MINUTE }),
});
export const rushes = defineWindowKernel({ ...common, ...figures, id: "rushes", window: session(20 * MINUTE) });
