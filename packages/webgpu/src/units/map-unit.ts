import { type DeviceTelemetry, isRinglineError } from "@ringline/core";
import {
  type AnyMessage,
  type BatchExecutor,
  type BatchOutcome,
  type ChainStage,
  type MapPlan,
  Memory,
} from "@ringline/core/backend";
import type { Keeper } from "../device/keeper.js";
import { TIMES, timeBetween } from "../device/pass-timers.js";
import type { Session } from "../device/session.js";
import { type DeviceCounts, deviceTelemetry, noCounts } from "./device-stats.js";
import { type BatchMemory, type MapSizes, MapStages } from "./map-stages.js";
import { MapTraffic } from "./map-traffic.js";
import { SavedStates, type Saving } from "./saved-states.js";
import { type SlotOrder, slotOrder } from "./slot-order.js";

/** A batch, from when it is begun until its outputs are read and, where there is state, until the state is saved. */
interface Job {
  readonly messages: readonly AnyMessage[];
  readonly order: SlotOrder | undefined;
  tries: number;
  /** Its outputs have come: done again, it only brings the state forward. */
  isDone: boolean;
  readonly resolve: (outcome: BatchOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** A chain of maps on the device; most chains are one map long. */
export class MapUnit implements BatchExecutor {
  readonly linger: number;
  readonly depth: number;
  readonly #counts: DeviceCounts = noCounts();
  readonly #keeper: Keeper;
  readonly #chain: readonly ChainStage[];
  readonly #plans: readonly MapPlan[];
  readonly #sizes: MapSizes;
  readonly #traffic: MapTraffic;
  /** Undefined where no stage has a state. */
  readonly #states: SavedStates | undefined;
  /** Batches that a new device has to do, in order: under way, or done since the state was saved. */
  readonly #journal: Job[] = [];
  #stages: MapStages | undefined;
  #recovering: Promise<void> | undefined;
  #isDisposed = false;

  constructor(chain: readonly ChainStage[], keeper: Keeper, restored: unknown) {
    const plans = chain.map(({ plan }) => plan as MapPlan);
    this.#keeper = keeper;
    this.#chain = chain;
    this.#plans = plans;
    const { batchBytes, depth, ring } = keeper.settings;
    const widest = Math.max(...plans.flatMap(({ input, output }) => [input.stride, output.stride]));
    const { max, linger } = (plans[0] as MapPlan).batch;
    this.#sizes = { max: Math.max(1, Math.min(max, Math.floor(batchBytes / widest))), ring };
    this.linger = linger;
    this.depth = depth;
    this.#traffic = new MapTraffic(plans, this.#sizes.max);
    const hasState = plans.some(({ state }) => state !== undefined);
    this.#states = hasState ? new SavedStates(plans, restored) : undefined;
  }

  /** Compiles the shaders. Rejects with `INVALID_ARGUMENT`, `UNSUPPORTED`, `BACKEND_UNAVAILABLE`, `DEVICE_LOST`. */
  async open(): Promise<void> {
    await this.#ready();
  }

  isFull({ length }: readonly AnyMessage[]): boolean {
    return length >= this.#sizes.max;
  }

  run(messages: readonly AnyMessage[]): Promise<BatchOutcome> {
    const { state } = this.#plans[0] as MapPlan;
    const order = state === undefined ? undefined : slotOrder(state, messages);
    return new Promise((resolve, reject) => {
      const job: Job = { messages, order, tries: 0, isDone: false, resolve, reject };
      this.#journal.push(job);
      const stages = this.#stages;
      if (stages?.session.lost === undefined && stages !== undefined && this.#recovering === undefined) {
        this.#begin(job, stages);
      } else {
        this.#recover();
      }
    });
  }

  stats(): DeviceTelemetry {
    const isChain = this.#plans.length > 1;
    return { ...deviceTelemetry(this.#counts, this.#keeper), ...(isChain && { inner: this.#traffic.inner() }) };
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#stages?.destroy();
  }

  /** Has everything begun again, on the next device, that is not done. */
  #recover(): void {
    if (this.#recovering !== undefined || this.#isDisposed) return;
    this.#recovering = this.#beginAgain().then((isDone) => {
      this.#recovering = undefined;
      if (!isDone && this.#journal.length > 0) this.#recover();
    });
  }

  /** False where the device was lost meanwhile. Never rejects. */
  async #beginAgain(): Promise<boolean> {
    try {
      const stages = await this.#ready();
      for (const job of [...this.#journal]) {
        if (stages.session.lost !== undefined) return false;
        this.#begin(job, stages);
      }
      return true;
    } catch (error) {
      const isLost = isRinglineError(error, "DEVICE_LOST");
      if (isLost && this.#keeper.canReopen) return false;
      for (const job of this.#journal.splice(0)) if (!job.isDone) job.reject(error);
      return true;
    }
  }

  async #ready(): Promise<MapStages> {
    if (this.#stages !== undefined && this.#stages.session.lost === undefined) return this.#stages;
    const session = await this.#keeper.session();
    const ids = this.#chain.map(({ id }) => id);
    const stages = await MapStages.open(session, this.#plans, ids, this.#sizes);
    this.#states?.restore(stages);
    if (session.lost !== undefined) throw session.lostError();
    this.#stages = stages;
    session.onLost(() => {
      // batches under way are told one by one; what they leave is begun again
      if (this.#journal.length > 0) this.#recover();
    });
    return stages;
  }

  /** Has a batch done by the device. */
  #begin(job: Job, stages: MapStages): void {
    const { device, faults } = stages.session;
    const { messages, order } = job;
    const memory = stages.take();
    if (++job.tries > 1) this.#counts.repeated++;
    this.#counts.bytesUp += this.#traffic.upload(messages, order, device, memory);
    const encoder = device.createCommandEncoder();
    this.#counts.dispatches += stages.encode(encoder, memory, messages.length, order?.groups ?? 0);
    const bytes = this.#traffic.copyDown(encoder, memory, messages.length);
    const saving = this.#states?.isDue(messages.length) ? this.#states.copy(encoder, stages) : undefined;
    device.queue.submit([encoder.finish()]);
    this.#counts.submits++;
    this.#counts.batches++;
    this.#counts.inFlight++;
    void this.#end(job, stages, memory, bytes, saving, faults);
  }

  async #end(
    job: Job,
    stages: MapStages,
    memory: BatchMemory,
    bytes: number,
    saving: Saving | undefined,
    faults: number,
  ): Promise<void> {
    const { session } = stages;
    const { timeout } = this.#keeper.settings;
    try {
      const [down, state] = await Promise.all([
        session.map(memory.staging, bytes, timeout, faults),
        saving && session.map(saving.buffer, saving.bytes, timeout, faults),
      ]);
      this.#counts.readbacks++;
      this.#counts.bytesDown += bytes;
      if (memory.timer !== undefined) this.#counts.deviceTime += timeBetween(down, bytes - TIMES);
      const slots = saving && state ? this.#stateSaved(job, state, saving, session) : undefined;
      if (this.#states === undefined) this.#forget(job);
      const release = () => {
        memory.staging.unmap();
        stages.give(memory);
      };
      if (job.isDone) {
        release();
      } else {
        job.isDone = true;
        job.resolve(this.#traffic.outcome(job.messages.length, memory, new Memory(down), slots, release));
      }
    } catch (error) {
      this.#failed(job, session, error);
    } finally {
      this.#counts.inFlight--;
    }
  }

  #failed(job: Job, session: Session, error: unknown): void {
    if (session.lost === undefined) {
      this.#forget(job);
      job.reject(error);
      return;
    }
    if (job.isDone) return;
    const { onDeviceLost, attempts } = this.#keeper.settings;
    if (onDeviceLost === "host" && this.#states === undefined) {
      this.#forget(job);
      job.resolve(this.#traffic.onHost(this.#chain, job.messages));
    } else if (onDeviceLost === "fail" || job.tries >= attempts || !this.#keeper.canReopen) {
      this.#forget(job);
      job.reject(error);
    }
  }

  #forget(job: Job): void {
    const index = this.#journal.indexOf(job);
    if (index >= 0) this.#journal.splice(index, 1);
  }

  /** The state after this batch came back: what was before it is not needed again. */
  #stateSaved(job: Job, state: ArrayBuffer, saving: Saving, session: Session): ArrayBuffer | undefined {
    this.#counts.bytesDown += saving.bytes;
    const slots = this.#states?.keep(state, saving, session);
    const index = this.#journal.indexOf(job);
    if (index >= 0) this.#journal.splice(0, index + 1);
    return slots;
  }
}
