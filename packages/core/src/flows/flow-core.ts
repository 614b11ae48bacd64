import { hasBuffers, keep } from "../buffers/references.js";
import type { DurableFlow } from "../durable/durable-flow.js";
import { type AnyRinglineError, asRinglineError, errors, placed } from "../errors/ringline-error.js";
import { type AnyMessage, lineageOf } from "../messages/any-message.js";
import type { Requester } from "../messages/lineage.js";
import type { KernelServices } from "../runtime/kernel-services.js";
import { Histogram, RateWindow } from "../telemetry/measures.js";
import { SAMPLE_EVERY } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";
import { Admission } from "./admission.js";
import { type AnyOrigin, FlowOrigin, originOf } from "./flow-origin.js";
import type { FlowServices, Sink } from "./flow-services.js";
import { InFlightCounter, type InFlightListener, type InFlightPlan } from "./in-flight-counter.js";
import { onBehalfOf } from "./on-behalf-of.js";
import { OutputQueue } from "./output-queue.js";
import type { Reorderer } from "./reorderer.js";
import { SharedInputs, SharedOrigin } from "./shared-inputs.js";
import type { StuckBatchFlusher } from "./stuck-batch-flusher.js";

/** The settings of a flow. */
export interface FlowSettings {
  readonly inFlightPlan: InFlightPlan;
  /** Maximum inputs in flight. */
  readonly maxInFlight: number;
  /** Capacity of an output queue, in messages. */
  readonly outputSize: number;
  /** True if stages run in places whose threads count inputs too. */
  readonly isShared: boolean;
  /** Set for a flow with durable edges. */
  readonly durable: DurableFlow | undefined;
}

/** The inputs of a flow, from their entry until every message that they caused is settled. */
export class FlowCore implements FlowServices, InFlightListener<FlowOrigin> {
  readonly id: string;
  readonly clock: Clock;
  readonly inFlightCounter: InFlightCounter<FlowOrigin>;
  readonly admission: Admission;
  /** The output queue that `receive` reads. */
  readonly main: OutputQueue;
  /** The output queue of the running `process`. */
  processing: OutputQueue | undefined;
  /** The position of a flush: a stage, by its first node, and the generation that the flush waits for. */
  flushing: { readonly node: number; readonly generation: number } | undefined;
  /** The sink that inputs enter first. */
  entry!: Sink;
  /** Callbacks by region, called when an input has passed the region. */
  readonly regions: ((origin: FlowOrigin, region: number) => void)[] = [];
  readonly reorderers: Reorderer[] = [];
  /** The error of a stage that has failed for good. */
  failure: AnyRinglineError | undefined;
  /** Called once the unprocessed messages of a failed stage are dead letters. */
  onFailure: ((error: AnyRinglineError) => void) | undefined;
  /** Flushes stuck batches; undefined for a flow without batches. */
  onFull: StuckBatchFlusher | undefined;
  /** Inputs counted in shared memory; undefined if only the host counts. */
  readonly inputs: SharedInputs | undefined;
  readonly durable: DurableFlow | undefined;
  readonly #services: KernelServices;
  readonly #outputSize: number;
  readonly #rate: RateWindow | undefined;
  readonly #latency: Histogram | undefined;
  #nextRateSample: number;
  #nextTimed: number;
  #accepted = 0;
  #settled = 0;

  constructor(
    { inFlightPlan: counter, maxInFlight, outputSize, isShared, durable }: FlowSettings,
    services: KernelServices,
  ) {
    this.id = counter.flow;
    this.clock = services.clock;
    this.#services = services;
    this.#outputSize = outputSize;
    this.durable = durable;
    const left = (node: number) => this.inFlightCounter.messageLeft(node);
    this.inputs = isShared ? new SharedInputs(counter, maxInFlight, left) : undefined;
    this.inFlightCounter = new InFlightCounter(counter, this, this.inputs?.counts);
    this.admission = new Admission(maxInFlight, services.clock, this.id);
    this.main = this.newOutputQueue(true);
    const { telemetry } = services;
    this.#rate = telemetry && new RateWindow(telemetry.window, services.clock);
    this.#latency = telemetry && new Histogram();
    this.#nextRateSample = this.#nextTimed = telemetry === undefined ? Number.POSITIVE_INFINITY : 1;
  }

  newOutputQueue(isMain: boolean): OutputQueue {
    const discard = (message: AnyMessage) => this.cancelled(message);
    return new OutputQueue(this.#outputSize, this.clock, this.id, isMain, discard, this.durable?.inputs);
  }

  /**
   * Enters an admitted input. Returns undefined if it is accepted at once. Throws the error with which the first node
   * rejects it.
   */
  enter(
    message: AnyMessage,
    outputQueue: OutputQueue,
    waiting: Requester | undefined,
    wait: WaitOptions | undefined,
    entry = this.entry,
  ): Promise<void> | undefined {
    const origin = this.#begin(outputQueue, waiting, true, this.inFlightCounter.generation);
    const named = onBehalfOf(message, origin);
    try {
      if (!entry.tryPush(named, origin)) return this.#enterLater(named, origin, wait, entry);
    } catch (error) {
      origin.isAbandoned = true;
      origin.leaveEntry();
      throw error;
    }
    origin.leaveEntry();
    return undefined;
  }

  async #enterLater(
    message: AnyMessage,
    origin: FlowOrigin,
    wait: WaitOptions | undefined,
    entry: Sink,
  ): Promise<void> {
    try {
      await entry.push(message, origin, wait);
    } catch (error) {
      origin.isAbandoned = true;
      throw error;
    } finally {
      origin.leaveEntry();
    }
  }

  /** Waits for admission and then calls `enter`. Rejects as `Admission.wait` does. */
  awaitPlace(enter: () => Promise<void> | undefined, wait: WaitOptions | undefined, operation: string): Promise<void> {
    const placed = this.admission.wait(enter, wait, operation);
    this.onFull?.begin();
    return placed;
  }

  adopt(message: AnyMessage, late: AnyOrigin | undefined, node: number) {
    const waiting = late instanceof FlowOrigin ? late.waiting : undefined;
    const flushing = this.flushing?.node === node ? this.flushing : undefined;
    const { generation } = flushing ?? this.inFlightCounter;
    const origin = this.#begin(this.processing ?? this.main, waiting, false, generation);
    if (flushing === undefined) {
      origin.isAwaited = false;
      origin.outputs.inputs--;
    }
    return { message: onBehalfOf(message, origin), origin };
  }

  /** Records that a stage has failed for good. `buried`: resolves when its unprocessed messages are dead letters. */
  stageFailed(error: AnyRinglineError, buried: Promise<void>): void {
    this.failure ??= error;
    void buried.then(() => this.onFailure?.(error));
  }

  /** Redirects inputs in flight from this output queue to the main one: its reader is gone. */
  leave(outputQueue: OutputQueue): void {
    for (let origin = this.inFlightCounter.first; origin !== undefined; origin = origin.next) {
      if (origin.outputs === outputQueue) origin.outputs = this.main;
    }
  }

  #begin(
    outputQueue: OutputQueue,
    waiting: Requester | undefined,
    isAdmitted: boolean,
    generation: number,
  ): FlowOrigin {
    const { inFlightCounter: counter, inputs } = this;
    const origin =
      inputs === undefined
        ? new FlowOrigin(counter, outputQueue, waiting, isAdmitted, generation)
        : new SharedOrigin(counter, outputQueue, waiting, isAdmitted, generation, inputs);
    outputQueue.inputs++;
    if (++this.#accepted === this.#nextTimed) {
      this.#nextTimed += SAMPLE_EVERY;
      origin.since = this.clock.now();
    }
    for (const reorderer of this.reorderers) reorderer.entered(origin);
    return origin;
  }

  closed(region: number, origin: FlowOrigin): void {
    this.regions[region]?.(origin, region);
  }

  settled(origin: FlowOrigin): void {
    this.inFlightCounter.remove(origin);
    if (origin.isAwaited) origin.outputs.inputs--;
    if (!origin.isAbandoned) this.#count(origin);
    this.durable?.inputs.settled(origin);
    if (origin.isAdmitted) this.admission.release();
    origin.outputs.settled?.();
  }

  #count(origin: FlowOrigin): void {
    if (++this.#settled === this.#nextRateSample && this.#rate !== undefined)
      this.#nextRateSample = this.#rate.record(this.#settled);
    if (origin.since !== 0) this.#latency?.record(this.clock.now() - origin.since);
    if (origin.waiting?.waits) origin.fail(this.#noReply());
  }

  #noReply(): AnyRinglineError {
    return new errors.NO_REPLY(
      { consumedBy: this.id },
      { kernelId: this.id, remedy: "No stage sent a result for it." },
    );
  }

  deadLetter(message: AnyMessage, thrown: unknown, stage: string | null): AnyRinglineError {
    const error = placed(asRinglineError(thrown, { kernelId: this.id }), { stage, messageId: message.messageId });
    if (hasBuffers) keep(message);
    this.#services.deadLetter(this.id, message, error, 0, stage);
    originOf(lineageOf(message))?.fail(error);
    return error;
  }

  cancelled(message: AnyMessage): void {
    this.deadLetter(message, new errors.CANCELLED({ flow: this.id }), null);
  }

  error(thrown: unknown, message: AnyMessage, stage: string): AnyRinglineError {
    const error = asRinglineError(thrown, { kernelId: this.id, stage, messageId: message.messageId });
    this.#services.error(error);
    return error;
  }

  stalled(waitsOn: string): void {
    this.#services.stalled(this.id, waitsOn);
  }

  get measures() {
    return { rate: this.#rate, latency: this.#latency, settled: this.#settled };
  }
}
