/** What every place beyond this memory builds on: codec, shared-memory rings, port account, calls and tables. */
export { Entry } from "./account/entry.js";
export { AGAIN, ATTEMPTS, Inbox, type InboxSpec } from "./account/inbox.js";
export { PARKED, PortBlock, type PortCounts } from "./account/port-block.js";
export { limitOf, PortSender } from "./account/port-sender.js";
export type { ControlPacker } from "./calls/handlers.js";
export type { Serving } from "./calls/serving.js";
export { errorFromWire, errorToWire, thrownFromWire, type WireError } from "./codec/error-wire.js";
export { type PackedValue, packState, packThrown, packValue, unpackState, unpackValue } from "./codec/packed.js";
export { Endpoint } from "./endpoint/endpoint.js";
export { HOST, Link, type LinkMemory, type Wire } from "./endpoint/link.js";
export type { Payload } from "./endpoint/payloads.js";
export { BELL, Bell } from "./ring/bell.js";
export { type Frame, IN_HAND, MESSAGE } from "./ring/frame.js";
export { LogReader } from "./ring/log-reader.js";
export { type Entering, LOG_CONTROL } from "./ring/log-writer.js";
export type { LeftReport } from "./tables/origin-table.js";
export type { SlabNews } from "./tables/slab-table.js";
export { type ThreadOrigin, threadOriginOf } from "./tables/thread-origin.js";
