import { body, defineMessage } from "@ringline/core";
import {
  defineDebounceKernel,
  defineDistinctKernel,
  defineSampleKernel,
  defineThrottleKernel,
  defineTickKernel,
} from "@ringline/streams";

export const Value = defineMessage("Value", /** @type {typeof body<{ key: string, n: number }>} */ (body)());
export const Tock = defineMessage("Tock", /** @type {typeof body<{ at: number, n: number }>} */ (body)());

const common = /** @type {const} */ ({ module: import.meta.url, input: Value });
/** @type {import("@ringline/core").Supervision} */
const supervise = { restart: "on-failure", onCrash: "retry", backoff: { initial: 1, jitter: 0 } };

export const debounced = defineDebounceKernel({ ...common, id: "debounced", key: "key", wait: 50, supervise });
export const sampled = defineSampleKernel({ ...common, id: "sampled", key: "key", every: 50 });
export const throttled = defineThrottleKernel({ ...common, id: "throttled", key: "key", every: 50 });
export const distinct = defineDistinctKernel({
  ...common,
  id: "distinct",
  key: ({ key, n }) => `${key} ${n}`,
  within: 50,
});

const tock = /** @type {const} */ ({
  module: import.meta.url,
  output: Tock,
  tick: (/** @type {import("@ringline/streams").Tick} */ { at, n }) => Tock({ at, n }),
});
export const everyTen = defineTickKernel({ ...tock, id: "everyTen", every: 10 });
/** At eight o'clock of working days in Zurich. */
export const atEight = defineTickKernel({ ...tock, id: "atEight", cron: "0 8 * * MON-FRI", timezone: "Europe/Zurich" });
