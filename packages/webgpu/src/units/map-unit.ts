import { type DeviceTelemetry, isRinglineError } from "@ringline/core";
import {
  type AnyMessage,
  type BatchExecutor,
  type BatchOutcome,
  type ChainStage,
  createMessage,
  type MapPlan,
  Memory,
  Packer,
  roundUp,
  type SavedSlots,
} from "@ringline/core/backend";
import type { Keeper } from "../device/keeper.js";
import type { Session } from "../device/session.js";
import { COPY_DST, MAP_READ } from "../device/usage.js";
import { HEAD } from "../shaders/map-shader.js";
import { type DeviceCounts, deviceTelemetry, noCounts } from "./device-stats.js";
import { type BatchMemory, MapStages } from "./map-stages.js";
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

/** A copy of the states that is under way. */
interface Saving {
  readonly buffer: GPUBuffer;
  readonly bytes: number;
}

/** A chain of maps on the device; most chains are one map long. */
export class MapUnit implements BatchExecutor {
  readonly max: number;
  readonly linger: number;
  readonly depth: number;
  readonly #counts: DeviceCounts = noCounts();
  readonly #keeper: Keeper;
  readonly #chain: readonly ChainStage[];
  /** What each stage let through. */
  readonly #passed: number[];
  #taken = 0;
  readonly #plans: readonly MapPlan[];
  readonly #packer: Packer;
  readonly #unpacker: Packer;
  readonly #hasState: boolean;
  /** Most messages after which the state is saved. */
  readonly #saveEvery: number;
  /** Where messages are packed; what is written from there is copied at once. */
  readonly #host: Memory;
  /** What the next device begins with: the states as they were saved last. */
  #saved: readonly (ArrayBuffer | undefined)[];
  /** Messages since the state was saved. */
  #unsaved = 0;
  /** Batches that a new device has to do, in order: under way, or done since the state was saved. */
  readonly #journal: Job[] = [];
  #stages: MapStages | undefined;
  #recovering: Promise<void> | undefined;
  #isDisposed = false;

  constructor(chain: readonly ChainStage[], keeper: Keeper, restored: unknown) {
    const plans = chain.map(({ plan }) => plan as MapPlan);
    const [first, last] = [plans[0] as MapPlan, plans.at(-1) as MapPlan];
    this.#keeper = keeper;
    this.#chain = chain;
    this.#passed = chain.map(() => 0);
    this.#plans = plans;
    this.#hasState = plans.some(({ state }) => state !== undefined);
    this.#saveEvery = Math.min(...plans.map(({ state }) => state?.checkpointEvery ?? Number.POSITIVE_INFINITY));
    this.#packer = new Packer(first.input.plan, first.input.stride);
    this.#unpacker = new Packer(last.output.plan, last.output.stride);
    const { batchBytes, depth } = keeper.settings;
    const widest = Math.max(...plans.flatMap(({ input, output }) => [input.stride, output.stride]));
    this.max = Math.max(1, Math.min(first.batch.max, Math.floor(batchBytes / widest)));
    this.linger = first.batch.linger;
    this.depth = depth;
    this.#host = new Memory(new ArrayBuffer(roundUp(HEAD + this.max * first.input.stride, 8)));
    this.#saved = plans.length === 1 ? [(restored as SavedSlots | undefined)?.slots] : plans.map(() => undefined);
  }

  /** Compiles the shaders. Rejects with `INVALID_ARGUMENT`, `UNSUPPORTED`, `BACKEND_UNAVAILABLE`, `DEVICE_LOST`. */
  async open(): Promise<void> {
    await this.#ready();
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
    const received = [this.#taken, ...this.#passed];
    const inner = this.#passed.map((sent, i) => ({ received: received[i] as number, sent }));
    return { ...deviceTelemetry(this.#counts, this.#keeper), ...(inner.length > 1 && { inner }) };
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
      this.#unsaved = 0;
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
    const stages = await MapStages.open(session, this.#plans, ids, this.max);
    for (const [i, saved] of this.#saved.entries()) {
      const state = stages.states[i];
      if (state !== undefined && saved !== undefined) session.device.queue.writeBuffer(state, 0, saved);
    }
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
    const count = job.messages.length;
    const memory = stages.take();
    if (++job.tries > 1) this.#counts.repeated++;
    this.#upload(job, device, memory);
    const encoder = device.createCommandEncoder();
    this.#counts.dispatches += stages.encode(encoder, memory, count, job.order?.groups ?? 0);
    const bytes = this.#copyDown(encoder, memory, count);
    const saving = this.#isSaving(count) ? copyState(encoder, stages) : undefined;
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
      const slots = saving && state ? this.#stateSaved(job, state, saving, session) : undefined;
      if (!this.#hasState) this.#forget(job);
      if (job.isDone) {
        memory.staging.unmap();
        stages.give(memory);
      } else {
        job.isDone = true;
        job.resolve(this.#outcome(job, stages, memory, new Memory(down), slots));
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
    if (onDeviceLost === "host" && !this.#hasState) {
      this.#forget(job);
      job.resolve(this.#onHost(job));
    } else if (onDeviceLost === "fail" || job.tries >= attempts || !this.#keeper.canReopen) {
      this.#forget(job);
      job.reject(error);
    }
  }

  #forget(job: Job): void {
    const index = this.#journal.indexOf(job);
    if (index >= 0) this.#journal.splice(index, 1);
  }

  #upload({ messages, order }: Job, { queue }: GPUDevice, memory: BatchMemory): void {
    const host = this.#host;
    const { stride } = this.#packer;
    const bytes = roundUp(HEAD + messages.length * stride, 4);
    host.u32[0] = messages.length;
    host.u32[1] = order?.groups ?? 0;
    if (order === undefined) {
      this.#packer.pack(messages, messages.length, host, HEAD);
    } else {
      const { places, table } = order;
      const bySlot: AnyMessage[] = new Array(messages.length);
      for (let i = 0; i < messages.length; i++) bySlot[places[i] as number] = messages[i] as AnyMessage;
      this.#packer.pack(bySlot, bySlot.length, host, HEAD);
      queue.writeBuffer(memory.groups as GPUBuffer, 0, table);
      this.#counts.bytesUp += table.byteLength;
    }
    queue.writeBuffer(memory.batch, 0, host.bytes as ArrayBuffer, 0, bytes);
    this.#counts.bytesUp += bytes;
  }

  /** Returns how many bytes come back. */
  #copyDown(encoder: GPUCommandEncoder, { outs, marks, staging }: BatchMemory, count: number): number {
    const bytes = count * this.#unpacker.stride;
    encoder.copyBufferToBuffer(outs.at(-1) as GPUBuffer, 0, staging, 0, roundUp(bytes, 4));
    if (marks === undefined) return roundUp(bytes, 4);
    encoder.copyBufferToBuffer(marks, 0, staging, roundUp(bytes, 8), count * 4);
    return roundUp(bytes, 8) + count * 4;
  }

  /** True for the batch after which the journal would be longer than it may be. */
  #isSaving(count: number): boolean {
    this.#unsaved += count;
    if (this.#unsaved < this.#saveEvery) return false;
    this.#unsaved = 0;
    return true;
  }

  /** The state after this batch came back: what was before it is not needed again. */
  #stateSaved(job: Job, state: ArrayBuffer, { buffer, bytes }: Saving, { pool }: Session): ArrayBuffer | undefined {
    this.#counts.bytesDown += bytes;
    let at = 0;
    this.#saved = this.#plans.map(({ state: slots }) => {
      if (slots === undefined) return undefined;
      const size = roundUp(slots.stride * slots.slots, 4);
      at += size;
      return state.slice(at - size, at);
    });
    buffer.unmap();
    pool.give(buffer);
    const index = this.#journal.indexOf(job);
    if (index >= 0) this.#journal.splice(0, index + 1);
    return this.#plans.length === 1 ? this.#saved[0] : undefined;
  }

  #outcome(
    { messages, order }: Job,
    stages: MapStages,
    memory: BatchMemory,
    down: Memory,
    slots: ArrayBuffer | undefined,
  ): BatchOutcome {
    const { stride } = this.#unpacker;
    const { type } = (this.#plans.at(-1) as MapPlan).output;
    const marks = memory.marks === undefined ? -1 : roundUp(messages.length * stride, 8) >> 2;
    const body = this.#unpacker.zero();
    return {
      output: (index) => {
        const place = order === undefined ? index : (order.places[index] as number);
        const mark = marks < 0 ? 1 : (down.u32[marks + place] as number);
        this.#count(mark);
        if (mark !== 1) return undefined;
        this.#unpacker.unpackInto(body, down, place * stride);
        return createMessage(type, body, undefined);
      },
      ...(slots !== undefined && { checkpoint: { slots } satisfies SavedSlots }),
      release: () => {
        memory.staging.unmap();
        stages.give(memory);
      },
    };
  }

  /** `mark`: 1, or two more than the place of the stage that kept the message back. */
  #count(mark: number): void {
    const stages = mark === 1 ? this.#passed.length : mark - 2;
    this.#taken++;
    for (let i = 0; i < stages; i++) this.#passed[i] = (this.#passed[i] as number) + 1;
  }

  /** The same by the host bodies. */
  #onHost({ messages }: Job): BatchOutcome {
    return {
      output: (index) => {
        let message: AnyMessage | undefined = messages[index];
        for (const { host } of this.#chain) message = message && (host(message, {}) as AnyMessage | undefined);
        return message;
      },
      release() {},
    };
  }
}

function copyState(encoder: GPUCommandEncoder, { states, session }: MapStages): Saving {
  const sizes = states.map((state) => state?.size ?? 0);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const buffer = session.pool.take(bytes, MAP_READ | COPY_DST);
  let at = 0;
  for (const [i, state] of states.entries()) {
    if (state !== undefined) encoder.copyBufferToBuffer(state, 0, buffer, at, sizes[i] as number);
    at += sizes[i] as number;
  }
  return { buffer, bytes };
}
