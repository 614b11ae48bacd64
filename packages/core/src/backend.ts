/** The seam: what authors of a backend build on, and what they implement. */
export { hostKernel } from "./host/host-kernel.js";
export type { KernelDefinition } from "./kernels/kernel.js";
export { loadKernel } from "./kernels/load-kernel.js";
export type { AnyMessage } from "./messages/any-message.js";
export { cloned } from "./messages/cloned.js";
export { copyMessage, type Envelope, envelopeOf } from "./messages/envelope.js";
export type { Asker, Lineage } from "./messages/lineage.js";
export { MAX_WAITERS, MemoryPort } from "./ports/memory-port.js";
export type { Backend, CoreServices, Manifest, Place } from "./seam/backend.js";
export type { Exit, Incarnation, IncarnationStats, UnitSpec, Wait } from "./seam/incarnation.js";
export type { Inlet, Outcome, Outlet, Port, PortSpec, PortStats, Unsettled } from "./seam/port.js";
export type { PeerRoute, Reports, Routes } from "./seam/routes.js";
export type { Clock } from "./time/clock.js";
