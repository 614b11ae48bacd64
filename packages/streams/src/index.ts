export {
  type DistinctKernelOptions,
  defineDistinctKernel,
  defineThrottleKernel,
  type ThrottleKernelOptions,
} from "./define-first-kernels.js";
export {
  type DebounceKernelOptions,
  defineDebounceKernel,
  defineSampleKernel,
  type SampleKernelOptions,
} from "./define-held-kernels.js";
export { defineJoinKernel, type JoinKernelOptions } from "./define-join-kernel.js";
export { defineLookupKernel, type LookupKernelOptions } from "./define-lookup-kernel.js";
export { defineTickKernel, type Tick, type TickKernelOptions } from "./define-tick-kernel.js";
export { defineWindowKernel, type WindowKernelOptions } from "./define-window-kernel.js";
export type { FieldOf } from "./field.js";
export type { PassingKernelOptions, StreamKernelOptions } from "./stream-kernel.js";
export { type AlignedWindow, type SessionWindow, session, sliding, tumbling, type Window } from "./window.js";
export type { Results, WindowInfo } from "./window-result.js";
