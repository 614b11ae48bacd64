export type { ElementsOf, NumberArray, NumberArrayType } from "./buffers/elements.js";
export { unifiedBuffer } from "./buffers/unified-buffer.js";
export type { BufferSide, UnifiedBuffer } from "./buffers/unified-buffer-types.js";
export type {
  HostView,
  LoopDefinition,
  MapDefinition,
  PassDefinition,
  ProgramDefinition,
  Shaped,
  Size,
  Variant,
} from "./compute/compute-types.js";
export { defineComputeKernel, toleranceOf } from "./compute/define-compute-kernel.js";
export { type AnyRinglineError, errors, isRinglineError, type RinglineError } from "./errors/ringline-error.js";
export type { ErrorCode, ErrorTable, SchemaIssue } from "./errors/table.js";
export type { Flow, FlowOptions, FlowTelemetry, StageLoad, StageTelemetry } from "./flows/flow-types.js";
export {
  type AnyRef,
  type Fits,
  type InOf,
  type KernelRef,
  type Names,
  type OutOf,
  peer,
  type Replies,
  type Reply,
  type Replying,
  type ReplyingRef,
  type ReplyMessages,
  type ReplyOf,
  type Resolve,
  type Target,
  type Typed,
} from "./kernels/address.js";
export {
  type DurableState,
  defineKernel,
  type KernelBody,
  type KernelOptions,
  type KernelSettings,
} from "./kernels/define-kernel.js";
export type {
  AnyKernel,
  BackendExtensions,
  Backpressure,
  Decision,
  ErrorAction,
  Kernel,
  OnError,
  PortOptions,
  ReplyingKernel,
} from "./kernels/kernel.js";
export type {
  Answered,
  Exchange,
  HandleContext,
  Handled,
  KernelContext,
  Log,
  ManualContext,
  Peer,
  PeerOf,
  ReplyingPeer,
  TimerContext,
  TimerOptions,
  WithOutput,
} from "./kernels/kernel-context.js";
export { type Key, type KeyedState, keyed, type StateByKey } from "./kernels/keyed.js";
export type { Backoff, Supervision } from "./kernels/supervision.js";
export {
  array,
  atomic,
  buffer,
  type Field,
  f16,
  f32,
  i32,
  u32,
  vec2f,
  vec2i,
  vec2u,
  vec3f,
  vec3i,
  vec3u,
  vec4f,
  vec4i,
  vec4u,
} from "./layouts/field.js";
export { type Layout, struct } from "./layouts/struct.js";
export { traceOf } from "./messages/any-message.js";
export { body, type TypeOnly } from "./messages/body.js";
export { defineMessage } from "./messages/define-message.js";
export type { Header, HeaderOptions, Message } from "./messages/header.js";
export type { AnyMessageType, MessageOf, MessageType, OneOrMore } from "./messages/message-type.js";
export type { Channel, TerminateOptions } from "./runtime/channel.js";
export { createRuntime } from "./runtime/create-runtime.js";
export type { DeadLetter, DeadLetterFilter, DeadLetterJson, DeadLetters } from "./runtime/dead-letters.js";
export type { ListenOptions } from "./runtime/events.js";
export type { FlowInspection, Inspection, KernelInspection } from "./runtime/inspection.js";
export type { KernelState } from "./runtime/kernel-state.js";
export type { ChangeOptions, MoveOptions, SwapOptions, TuneOptions, TuneStageOptions } from "./runtime/move-options.js";
export type { ConnectOptions, LinkMode } from "./runtime/output-route.js";
export type {
  HandleOf,
  KernelHandle,
  LaunchOptions,
  ReplyingHandle,
  Runtime,
  RuntimeEvents,
  RuntimeOptions,
} from "./runtime/runtime-types.js";
export type {
  Backend,
  ConnectionChange,
  DeviceChange,
  Keep,
  Keeper,
  KeeperServices,
  KeptLog,
  KeptRecord,
  LogEvents,
  Manifest,
  Piece,
} from "./seam/backend.js";
export type { Wait } from "./seam/incarnation.js";
export {
  type MessageSpan,
  type MessageSpanEnd,
  type MessageSpanStart,
  type MessageTracer,
  setMessageTracer,
} from "./telemetry/spans.js";
export type {
  DeviceTelemetry,
  KernelTelemetry,
  Latency,
  Ledger,
  TelemetryOptions,
  ThreadTelemetry,
  Throughput,
} from "./telemetry/telemetry.js";
export type { Clock } from "./time/clock.js";
export type { BatchOptions, SendOptions, WaitOptions } from "./time/wait-options.js";
export type { Description } from "./topologies/describe-plan.js";
export { type GraphTools, graph, type Wire } from "./topologies/graph.js";
export { type EmptyPipeline, type Pipeline, pipeline } from "./topologies/pipeline.js";
export { otherwise } from "./topologies/plan-nodes.js";
export {
  type BatchNodeOptions,
  type ElasticWorkers,
  type JoinOptions,
  type NodeOptions,
  type Stage,
  StageFailure,
  type StageFailureBody,
  type StageOptions,
  type Topology,
  type TopologyOptions,
} from "./topologies/topology.js";
