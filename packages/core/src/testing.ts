/** Tools for tests: a virtual clock, fault injection, and a keeper in memory. */
export type { Fault, FaultyBackend, InjectedFault, WhenFault } from "./testing/fault-plan.js";
export { faults } from "./testing/faults.js";
export { type MemoryKeeper, memoryKeeper } from "./testing/memory-keeper.js";
export { type VirtualClock, virtualClock } from "./testing/virtual-clock.js";
