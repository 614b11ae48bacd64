export { type Devtools, type DevtoolsOptions, devtools } from "./devtools.js";
export type { Act } from "./watch/acts.js";
export { traceThread } from "./watch/tracing.js";
