import { hasBuffers, keep } from "../buffers/references.js";
import type { DurableFlow } from "../durable/durable-flow.js";
import { type AnyRinglineError, asRinglineError, errors, placed } from "../errors/ringline-error.js";
import { type AnyMessage, lineageOf } from "../messages/any-message.js";
import type { Asker } from "../messages/lineage.js";
import type { KernelSurroundings } from "../runtime/kernel-surroundings.js";
import { Histogram } from "../telemetry/histogram.js";
import { RateWindow } from "../telemetry/rate-window.js";
import { SAMPLE_EVERY } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import type { WaitOptions } from "../time/wait-options.js";
import { Admission } from "./admission.js";
import { FlowOrigin } from "./flow-origin.js";
import type { FlowServices } from "./flow-services.js";
import type { FullWatch } from "./full-watch.js";
import { inNameOf } from "./in-name-of.js";
import { type AnyOrigin, originOf } from "./joint-origin.js";
import { Lane } from "./lane.js";
import type { Reorderer } from "./reorderer.js";
import { SharedInputs } from "./shared-inputs.js";
import { SharedOrigin } from "./shared-origin.js";
import type { Sink } from "./sink.js";
import { Tally, type TallyListener, type TallyPlan } from "./tally.js";

/** The settings of a flow. */
export interface FlowSettings {
  readonly tally: TallyPlan;
  /** Most inputs at a time. */
  readonly maxInFlight: number;
  /** Outputs that wait to be read. */
  readonly outputSize: number;
  /** True where stages run in places that count inputs themselves. */
  readonly isShared: boolean;
  /** Of a flow with durable edges. */
  readonly durable: DurableFlow | undefined;
}

/** The inputs of a flow, from their entry until all that came of them is settled. */
export class FlowCore implements FlowServices, TallyListener<FlowOrigin> {
  readonly id: string;
  readonly clock: Clock;
  readonly tally: Tally<FlowOrigin>;
  readonly admission: Admission;
  /** Read by `receive`. */
  readonly main: Lane;
  /** Read by the `process` that runs now. */
  processing: Lane | undefined;
  /** The position of a flush: a stage, by its first node, and the generation that the flush waits for. */
  flushing: { readonly node: number; readonly generation: number } | undefined;
  /** The sink that inputs enter first. */
  entry!: Sink;
  /** By region: who wants to know that an input has passed it. */
  readonly regions: ((origin: FlowOrigin, region: number) => void)[] = [];
  readonly reorderers: Reorderer[] = [];
  /** The error of a stage that has failed for good. */
  failure: AnyRinglineError | undefined;
  /** Called once what such a stage leaves undone are dead letters. */
  onFailure: ((error: AnyRinglineError) => void) | undefined;
  /** Undefined where nothing could stand still. */
  whenFull: FullWatch | undefined;
  /** Undefined where nobody else counts. */
  readonly inputs: SharedInputs | undefined;
  readonly durable: DurableFlow | undefined;
  readonly #around: KernelSurroundings;
  readonly #outputSize: number;
  readonly #rate: RateWindow | undefined;
  readonly #latency: Histogram | undefined;
  #nextLook: number;
  #nextTimed: number;
  #accepted = 0;
  #settled = 0;

  constructor({ tally, maxInFlight, outputSize, isShared, durable }: FlowSettings, around: KernelSurroundings) {
    this.id = tally.flow;
    this.clock = around.clock;
    this.#around = around;
    this.#outputSize = outputSize;
    this.durable = durable;
    const left = (node: number) => this.tally.left(node);
    this.inputs = isShared ? new SharedInputs(tally, maxInFlight, left) : undefined;
    this.tally = new Tally(tally, this, this.inputs?.counts);
    this.admission = new Admission(maxInFlight, around.clock, this.id);
    this.main = this.lane(true);
    const { telemetry } = around;
    this.#rate = telemetry && new RateWindow(telemetry.window, around.clock);
    this.#latency = telemetry && new Histogram();
    this.#nextLook = this.#nextTimed = telemetry === undefined ? Number.POSITIVE_INFINITY : 1;
  }

  lane(isMain: boolean): Lane {
    const discard = (message: AnyMessage) => this.cancelled(message);
    return new Lane(this.#outputSize, this.clock, this.id, isMain, discard, this.durable?.inputs);
  }

  /** Brings an input in; it has a place. Undefined when it is accepted at once. Throws what the first node refuses it with. */
  enter(
    message: AnyMessage,
    lane: Lane,
    waiting: Asker | undefined,
    wait: WaitOptions | undefined,
    entry = this.entry,
  ): Promise<void> | undefined {
    const origin = this.#begin(lane, waiting, true, this.tally.generation);
    const named = inNameOf(message, origin);
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

  /** Waits for a place, for `enter` to use at once. Rejects as `Admission.wait` does. */
  awaitPlace(enter: () => Promise<void> | undefined, wait: WaitOptions | undefined, operation: string): Promise<void> {
    const placed = this.admission.wait(enter, wait, operation);
    this.whenFull?.begin();
    return placed;
  }

  adopt(message: AnyMessage, late: AnyOrigin | undefined, node: number) {
    const waiting = late instanceof FlowOrigin ? late.waiting : undefined;
    const flushing = this.flushing?.node === node ? this.flushing : undefined;
    const { generation } = flushing ?? this.tally;
    const origin = this.#begin(this.processing ?? this.main, waiting, false, generation);
    if (flushing === undefined) {
      origin.isAwaited = false;
      origin.lane.inputs--;
    }
    return { message: inNameOf(message, origin), origin };
  }

  /** A stage has failed for good. `buried`: resolves when what it leaves undone are dead letters. */
  stageFailed(error: AnyRinglineError, buried: Promise<void>): void {
    this.failure ??= error;
    void buried.then(() => this.onFailure?.(error));
  }

  /** Redirects what is still under way to this queue to the main output: its reader is gone. */
  leave(lane: Lane): void {
    for (let origin = this.tally.first; origin !== undefined; origin = origin.next) {
      if (origin.lane === lane) origin.lane = this.main;
    }
  }

  #begin(lane: Lane, waiting: Asker | undefined, isAdmitted: boolean, generation: number): FlowOrigin {
    const { tally, inputs } = this;
    const origin =
      inputs === undefined
        ? new FlowOrigin(tally, lane, waiting, isAdmitted, generation)
        : new SharedOrigin(tally, lane, waiting, isAdmitted, generation, inputs);
    lane.inputs++;
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
    this.tally.remove(origin);
    if (origin.isAwaited) origin.lane.inputs--;
    if (!origin.isAbandoned) this.#count(origin);
    this.durable?.inputs.settled(origin);
    if (origin.isAdmitted) this.admission.release();
    origin.lane.settled?.();
  }

  #count(origin: FlowOrigin): void {
    if (++this.#settled === this.#nextLook && this.#rate !== undefined)
      this.#nextLook = this.#rate.record(this.#settled);
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
    this.#around.deadLetter(this.id, message, error, 0, stage);
    originOf(lineageOf(message))?.fail(error);
    return error;
  }

  cancelled(message: AnyMessage): void {
    this.deadLetter(message, new errors.CANCELLED({ flow: this.id }), null);
  }

  error(thrown: unknown, message: AnyMessage, stage: string): AnyRinglineError {
    const error = asRinglineError(thrown, { kernelId: this.id, stage, messageId: message.messageId });
    this.#around.error(error);
    return error;
  }

  get measures() {
    return { rate: this.#rate, latency: this.#latency, settled: this.#settled };
  }
}
