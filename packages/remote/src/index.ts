/**
 * The base of every place outside this thread's memory: codec, shared-memory rings, port accounts, calls and tables.
 * Re-exports parts of core: messages, incarnations, and waits with a limit.
 */
export {
  type AnyMessage,
  type Clock,
  copyMessage,
  type Exit,
  envelopeOf,
  expiryOf,
  Histogram,
  type IncarnationStats,
  inEnvelope,
  isMessage,
  type KernelDefinition,
  type KernelWait,
  type Lineage,
  lendReferences,
  limitWait,
  lineageOf,
  loadKernel,
  NO_LATENCY,
  type Origin,
  type Outcome,
  type PeerRoute,
  type Reports,
  type Requester,
  type Routes,
  referencesMoved,
  releaseReferences,
  systemClock,
} from "@ringline/core/internal";
export { Entry } from "./account/entry.js";
export type { FlowCells } from "./account/flow-cells.js";
export { Inbox, type InboxHome, type InboxSpec } from "./account/inbox.js";
export { Latencies } from "./account/latencies.js";
export { PARKED, PortBlock, type PortCounts } from "./account/port-block.js";
export { limitOf, PortSender } from "./account/port-sender.js";
export { type Caused, SentOutputs } from "./account/sent-outputs.js";
export { type LostHome, SharedAccount } from "./account/shared-account.js";
export { takeOver } from "./account/takeover.js";
export { Calls } from "./calls/calls.js";
export { Channel, PLACE, RUNTIME, unreadable } from "./calls/channel.js";
export { type Control, type ControlPacker, Handlers } from "./calls/handlers.js";
export { checkedBuffer, copiedBuffers } from "./codec/buffer-wire.js";
export { ByteReader, CorruptFrame } from "./codec/byte-reader.js";
export { ByteWriter } from "./codec/byte-writer.js";
export { copied, copiedBody, withOwnBuffers } from "./codec/copied.js";
export { errorFromWire, errorToWire, thrownFromWire, type WireError } from "./codec/error-wire.js";
export { MessageCodec, type RequesterRef, UnreadableMessage } from "./codec/message-codec.js";
export {
  copyValue,
  ENCODING,
  type PackedValue,
  packState,
  packThrown,
  packValue,
  unpackState,
  unpackValue,
} from "./codec/packed.js";
export { packRecords, unpackRecords } from "./codec/records.js";
export type { Shape } from "./codec/shapes.js";
export { Endpoint } from "./endpoint/endpoint.js";
export { HOST, Link, type LinkMemory } from "./endpoint/link.js";
export type { Payload } from "./endpoint/payloads.js";
export type { ChannelEnd } from "./endpoint/wire.js";
export { BELL, Bell } from "./ring/bell.js";
export { DELIVERED, type Frame, type Mark, QUEUED, redeliveryAfter } from "./ring/frame.js";
export { LogReader } from "./ring/log-reader.js";
export { LOG_CONTROL } from "./ring/log-writer.js";
export { SendIntent } from "./ring/send-intent.js";
export { NumberedOrigins } from "./tables/numbered-origins.js";
export type { LeaveReport } from "./tables/origin-table.js";
export { RequesterTable } from "./tables/requester-table.js";
export type { SlabEvent } from "./tables/slab-table.js";
export { type ThreadOrigin, threadOriginOf } from "./tables/thread-origin.js";
export { ThreadsPlace } from "./threads/host/threads-place.js";
export type { HostPlatform, ThreadWorker, WorkerPlatform } from "./threads/platform.js";
export {
  isTexts,
  type Placement,
  THREAD_OPTIONS,
  type ThreadLoad,
  type ThreadOptions,
  type ThreadSettings,
  threadSettings,
  wrongOption,
} from "./threads/settings.js";
export type { ThreadSetup } from "./threads/setup.js";
export { runThread } from "./threads/worker/thread.js";
export { AcceptedOutputs } from "./units/accepted-outputs.js";
export {
  callsOf,
  exitToWire,
  patiently,
  RemoteIncarnation,
  statsToWire,
  type WireExit,
  type WireStats,
} from "./units/remote-incarnation.js";
export { remoteReports, reportsOf } from "./units/reports.js";
export { adopt, kernelOf, setupOf, type UnitSetup } from "./units/setup.js";
