export { type MeterOptions, meterRuntime } from "./meter-runtime.js";
export { type TraceOptions, traceMessages } from "./trace-messages.js";
