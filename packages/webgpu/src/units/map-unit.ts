import { type DeviceTelemetry, isRinglineError } from "@ringline/core";
import type { AnyMessage, BatchExecutor, BatchOutcome, ChainStage, MapPlan } from "@ringline/core/internal";
import type { DeviceManager } from "../device/device-manager.js";
import { TIMES, timeBetween } from "../device/pass-timers.js";
import type { Refusal, Session } from "../device/session.js";
import { madeBytes } from "../shaders/map-text.js";
import { BatchAttempts } from "./batch-attempts.js";
import { type DeviceCounts, deviceTelemetry, noCounts } from "./device-stats.js";
import { MapJob } from "./map-job.js";
import { type BatchMemory, type MapSizes, MapStages } from "./map-stages.js";
import { type MapResult, MapTransfers } from "./map-transfers.js";
import { SavedStates, type Saving, type StateCopies } from "./saved-states.js";

/** Maximum number of messages of a first batch that are submitted one by one. */
const MOST_APART = 16;

/** A batch submitted to a device. */
interface Submission {
  readonly memory: BatchMemory;
  /** Bytes to read back. */
  readonly bytes: number;
  readonly saving: Saving | undefined;
}

/** Runs a chain of maps on the device; most chains are one map long. */
export class MapUnit implements BatchExecutor {
  readonly linger: number;
  readonly depth: number;
  readonly #counts: DeviceCounts = noCounts();
  readonly #devices: DeviceManager;
  readonly #chain: readonly ChainStage[];
  readonly #plans: readonly MapPlan[];
  readonly #sizes: MapSizes;
  readonly #traffic: MapTransfers;
  /** Saved states; undefined if no stage has a state. */
  readonly #states: SavedStates | undefined;
  /** Batches that a new device must process, in order: in flight, or done since the state was saved. */
  readonly #journal: MapJob[] = [];
  #stages: MapStages | undefined;
  #recovering: Promise<void> | undefined;
  /** Number of batches in flight, on any device. */
  #underWay = 0;
  /** Number of devices in a row that were lost before a batch was started on them. */
  #vain = 0;
  /** True once any batch is done. */
  #hasAnswered = false;
  #isDisposed = false;
  /** Removes the listener for the loss of the device. */
  #unsubscribe: (() => void) | undefined;

  constructor(chain: readonly ChainStage[], keeper: DeviceManager, restored: unknown) {
    const plans = chain.map(({ plan }) => plan as MapPlan);
    this.#devices = keeper;
    this.#chain = chain;
    this.#plans = plans;
    const { batchBytes, depth, ring } = keeper.settings;
    const widest = Math.max(...plans.flatMap((plan) => [plan.input.stride, madeBytes(plan)]));
    const { max, linger } = (plans[0] as MapPlan).batch;
    this.#sizes = { max: Math.max(1, Math.min(max, Math.floor(batchBytes / widest))), ring };
    this.linger = linger;
    this.depth = depth;
    this.#traffic = new MapTransfers(plans, this.#sizes.max);
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
    return new Promise((resolve, reject) => {
      const done = (result: MapResult) => resolve(this.#traffic.outcome(result));
      const job = new MapJob(messages, state, new BatchAttempts(), done, reject);
      // messages in separate submissions identify one that never ends; used until their duration is known
      const isApart = !this.#hasAnswered && messages.length > 1 && messages.length <= MOST_APART;
      this.#journal.push(...(isApart ? job.split() : [job]));
      this.#advance();
    });
  }

  stats(): DeviceTelemetry {
    const isChain = this.#plans.length > 1;
    return { ...deviceTelemetry(this.#counts, this.#devices), ...(isChain && { inner: this.#traffic.inner() }) };
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#unsubscribe?.();
    this.#stages?.destroy();
  }

  /** Starts batches in order, as far as the limit of batches in flight allows. */
  #advance(): void {
    const stages = this.#stages;
    if (this.#recovering !== undefined) return;
    if (stages === undefined || stages.session.lost !== undefined) {
      this.#recover();
      return;
    }
    for (const job of [...this.#journal]) {
      if (job.on === stages) continue;
      if (this.#underWay >= this.depth || job.isUnderWay) return; // the loss of one is reported soon
      this.#begin(job, stages);
    }
  }

  /** Starts all unfinished batches again, on the next device. */
  #recover(): void {
    if (this.#recovering !== undefined || this.#isDisposed) return;
    this.#recovering = this.#beginAgain().then((end) => {
      this.#recovering = undefined;
      // a loss during this time triggered no restart
      const isLost = end === "lost" || (end === "ready" && this.#stages?.session.lost !== undefined);
      if (isLost && this.#journal.length > 0) this.#recover();
      else if (end === "ready") this.#advance();
    });
  }

  /** Opens the next device; "given up" if there is none. Never rejects. */
  async #beginAgain(): Promise<"ready" | "lost" | "given up"> {
    try {
      const stages = await this.#ready();
      this.#vain = 0;
      return stages.session.lost === undefined ? "ready" : "lost";
    } catch (error) {
      const { canReopen, settings } = this.#devices;
      if (isRinglineError(error, "DEVICE_LOST") && canReopen && ++this.#vain < settings.attempts) return "lost";
      this.#vain = 0;
      for (const job of this.#journal.filter(({ isDone }) => !isDone)) {
        this.#forget(job);
        job.reject(error);
      }
      return "given up";
    }
  }

  async #ready(): Promise<MapStages> {
    if (this.#stages !== undefined && this.#stages.session.lost === undefined) return this.#stages;
    const session = await this.#devices.session();
    const ids = this.#chain.map(({ id }) => id);
    const stages = await MapStages.open(session, this.#plans, ids, this.#sizes);
    this.#states?.restore(stages);
    if (session.lost !== undefined) throw session.lostError();
    this.#stages = stages;
    this.#unsubscribe?.();
    this.#unsubscribe = session.onLost(() => {
      // batches in flight fail one by one; the remaining ones start again here
      if (this.#journal.length > 0) this.#recover();
    });
    return stages;
  }

  /** Submits a batch to the device. */
  #begin(job: MapJob, stages: MapStages): void {
    const counts = this.#counts;
    if (++job.times > 1) counts.repeated++;
    job.on = stages;
    try {
      const { made, refused } = stages.session.watch(() => this.#submit(job, stages));
      counts.submits++;
      counts.batches++;
      counts.inFlight++;
      this.#underWay++;
      job.isUnderWay = true;
      void this.#end(job, stages, made, refused);
    } catch (error) {
      this.#forget(job);
      job.reject(error);
    }
  }

  #submit({ messages, order }: MapJob, stages: MapStages): Submission {
    const { device } = stages.session;
    const memory = stages.take();
    try {
      this.#counts.bytesUp += this.#traffic.upload(messages, order, device, memory);
      const encoder = device.createCommandEncoder();
      this.#counts.dispatches += stages.encode(encoder, memory, messages.length, order?.groups ?? 0);
      const bytes = this.#traffic.copyDown(encoder, memory, messages.length);
      const saving = this.#states?.isDue(messages.length) ? this.#states.copy(encoder, stages) : undefined;
      device.queue.submit([encoder.finish()]);
      return { memory, bytes, saving };
    } catch (error) {
      stages.drop(memory);
      throw error;
    }
  }

  async #end(job: MapJob, stages: MapStages, { memory, bytes, saving }: Submission, refused: Refusal): Promise<void> {
    const { session } = stages;
    const timeout = job.attempts.timeout(this.#devices.settings);
    try {
      const { staging, down } = memory;
      const [, states] = await Promise.all([
        session.read(staging, bytes, timeout, refused, (mapped) =>
          new Uint8Array(down.bytes).set(new Uint8Array(mapped)),
        ),
        saving && session.read(saving.buffer, saving.bytes, timeout, refused, (mapped) => this.#states?.read(mapped)),
      ]);
      this.#hasAnswered = true;
      this.#counts.readbacks++;
      this.#counts.bytesDown += bytes;
      if (memory.timer !== undefined) this.#counts.deviceTime += timeBetween(down.bytes, bytes - TIMES);
      const slots = saving && states ? this.#stateSaved(job, states, saving, session) : undefined;
      if (this.#states === undefined) this.#forget(job);
      const release = () => stages.give(memory);
      job.isUnderWay = false;
      if (job.isDone) {
        release();
      } else {
        job.isDone = true;
        job.resolve(this.#traffic.result(job.messages.length, memory, slots, release));
      }
    } catch (error) {
      stages.drop(memory);
      if (saving !== undefined) session.pool.drop(saving.buffer);
      job.isUnderWay = false;
      this.#failed(job, session, error);
    } finally {
      this.#counts.inFlight--;
      this.#underWay--;
      if (this.#journal.length > 0 && !this.#isDisposed) this.#advance();
    }
  }

  #failed(job: MapJob, session: Session, error: unknown): void {
    const { settings, canReopen } = this.#devices;
    if (session.lost !== undefined && job.isDone) return;
    if (session.lost !== undefined && settings.onDeviceLost === "host" && this.#states === undefined) {
      this.#forget(job);
      job.resolve(this.#traffic.onHost(this.#chain, job.messages));
      return;
    }
    const next =
      session.lost === undefined ? "fail" : job.attempts.after(error, job.messages.length, settings, canReopen);
    if (next === "again") return;
    if (next === "split") {
      this.#replace(job, job.split());
      return;
    }
    this.#forget(job);
    job.reject(error);
  }

  #forget(job: MapJob): void {
    this.#replace(job, []);
  }

  #replace(job: MapJob, others: readonly MapJob[]): void {
    const index = this.#journal.indexOf(job);
    if (index >= 0) this.#journal.splice(index, 1, ...others);
  }

  /** Stores the state after this batch; the batches up to it leave the journal. */
  #stateSaved(job: MapJob, states: StateCopies, saving: Saving, session: Session): ArrayBuffer | undefined {
    this.#counts.bytesDown += saving.bytes;
    const slots = this.#states?.keep(states, saving, session);
    const index = this.#journal.indexOf(job);
    if (index >= 0) this.#journal.splice(0, index + 1);
    return slots;
  }
}
