/** The seam: what a backend implements, to open ports and host kernels, and what core has for it. */
export { hostKernel } from "./host/host-kernel.js";
export { CopyingPort, MemoryPort } from "./ports/memory-port.js";
export type { Backend, CoreServices, Manifest, Place } from "./seam/backend.js";
export type { Incarnation, Start, StopMode, UnitSpec } from "./seam/incarnation.js";
export type { Inlet, Outlet, Port, PortSpec } from "./seam/port.js";
