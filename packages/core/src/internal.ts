/**
 * Shared parts of core for Ringline's own packages. No promise of stability: names change and go in any release. A
 * backend builds on `@ringline/core/backend`, and one beyond this memory on `@ringline/remote` too.
 */
export { type Elements, elementsNamed } from "./buffers/elements.js";
export { HandleReferences, setPlaceNumber } from "./buffers/handle-references.js";
export {
  buffersOf,
  checkReferences,
  dropHandlesOf,
  enableBuffers,
  giveReferences,
  hasBuffers,
  lendReferences,
  referencesMoved,
  releaseReferences,
} from "./buffers/references.js";
export { type DeviceSide, handleReferencesOf, isBuffer, SharedBuffer } from "./buffers/shared-buffer.js";
export { MAX_PLACES, Slab, slabs } from "./buffers/slab-pool.js";
export { stagesOf } from "./compute/chain.js";
export type {
  ChainStage,
  HostMade,
  LayoutEnd,
  LookupPlan,
  LoopPlan,
  MapPlan,
  PassPlan,
  ProgramPlan,
  Sizes,
  SlotsPlan,
} from "./compute/compute-plan.js";
export { type SavedSlots, slotOf } from "./compute/host-map.js";
export { checkCount } from "./compute/host-program.js";
export { type Measure, measure, type Run } from "./compute/program-plan.js";
export { checkOptions } from "./errors/check-options.js";
export { asRinglineError, type ErrorPlace } from "./errors/ringline-error.js";
export { show } from "./errors/table.js";
export { SharedCounts, type SharedCountsSetup } from "./flows/shared-counts.js";
export { type SharedInputs, SharedOrigin } from "./flows/shared-inputs.js";
export { hostBatches } from "./host/host-kernel.js";
export type { KernelDefinition } from "./kernels/kernel.js";
export { workerOf } from "./kernels/keyed.js";
export { isStageRef, loadKernel, loadOnError } from "./kernels/load-kernel.js";
export { hasFunction } from "./kernels/on-error.js";
export type { AnyField } from "./layouts/field.js";
export { type FieldPlan, hasHalves, roundUp, type StructPlan, strideOf } from "./layouts/field-plan.js";
export { Memory, Packer } from "./layouts/packer.js";
export { declareStructs, wgslType } from "./layouts/wgsl.js";
export {
  AnyMessage,
  causeOf,
  copyMessage,
  type Envelope,
  envelopeOf,
  expiryOf,
  idOf,
  inEnvelope,
  isMessage,
  lineageOf,
  type OptionalHeaders,
  optionalHeadersOf,
} from "./messages/any-message.js";
export { createMessage } from "./messages/create-message.js";
export { isDevelopment } from "./messages/environment.js";
export type { Lineage, Origin, Requester } from "./messages/lineage.js";
export {
  DerivedId,
  idAtDistance,
  idDistance,
  type MessageId,
  messageIdText,
  randomId,
  setRandomId,
  WireId,
  writeMessageId,
} from "./messages/message-id.js";
export {
  Account,
  accountCells,
  CELLS,
  ledgerOf,
  leftQueueOf,
  settlements,
  type Transition,
  type TransitionName,
  transitions,
  transitionsByName,
} from "./ports/account.js";
export { ACCEPTED, MAX_WAITERS } from "./ports/memory-port.js";
export { OrderedGate } from "./ports/ordered-gate.js";
export { LevelQueue } from "./ports/queues.js";
export { WaitList } from "./ports/wait-list.js";
export { KernelInput } from "./runtime/kernel-input.js";
export type {
  BatchExecutor,
  BatchOutcome,
  Exit,
  IncarnationStats,
  Published,
  StageAssignment,
  Start,
  StopMode,
} from "./seam/incarnation.js";
export type { Outcome, PortStats, Refused, Unsettled } from "./seam/port.js";
export type { DirectTargets, ExitPortSpec, PeerRoute, Reports, Routes } from "./seam/routes.js";
export { HISTOGRAM_CELLS, Histogram, RATE_CELLS, RateWindow } from "./telemetry/measures.js";
export { messageTracer } from "./telemetry/spans.js";
export { NO_LATENCY, NO_THROUGHPUT, SAMPLE_EVERY } from "./telemetry/telemetry.js";
export { type Clock, systemClock } from "./time/clock.js";
export { LazyController, onAbort, unlessAborted } from "./time/on-abort.js";
export { macrotask } from "./time/turn.js";
export { checkWait, type KernelWait, limitWait } from "./time/wait-options.js";
export { StageFailure } from "./topologies/topology.js";
