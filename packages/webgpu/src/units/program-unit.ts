import { type DeviceTelemetry, isRinglineError } from "@ringline/core";
import {
  type AnyMessage,
  type BatchExecutor,
  type BatchOutcome,
  type ChainStage,
  createMessage,
  type KernelDefinition,
  Packer,
  type ProgramPlan,
  type SharedBuffer,
  stagesOf,
} from "@ringline/core/backend";
import { awayFrom } from "../device/gpu-side.js";
import type { Keeper } from "../device/keeper.js";
import { type PassTimer, TIMES, timeBetween } from "../device/pass-timers.js";
import { type DeviceCounts, deviceTelemetry, noCounts } from "./device-stats.js";
import { passOf } from "./map-path.js";
import { bodyOf, release } from "./product.js";
import { type Opened, ProgramBatch } from "./program-batch.js";
import { BindGroups, openPrograms } from "./program-stages.js";

/** Most messages that go to the device together. */
const MOST = 16;

type View = Readonly<Record<string, unknown>>;

/** A chain of programs on the device; most chains are one program long. Between them nothing comes back. */
export class ProgramUnit implements BatchExecutor {
  readonly linger = 0;
  readonly depth: number;
  readonly #counts: DeviceCounts = noCounts();
  readonly #keeper: Keeper;
  readonly #kernel: KernelDefinition;
  readonly #ids: readonly string[];
  readonly #plans: readonly ProgramPlan[];
  /** The buffers that come with each message. */
  readonly #inputs: ProgramPlan["input"]["plan"]["buffers"];
  readonly #packers: readonly Packer[];
  readonly #output: ProgramPlan["output"];
  readonly #unpacker: Packer;
  /** Where arrays come back when they are read: counts that. */
  readonly #readLater: ((bytes: number) => void) | undefined;
  #opened: Opened | undefined;

  constructor(kernel: KernelDefinition, keeper: Keeper) {
    this.#keeper = keeper;
    this.#kernel = kernel;
    const stages = stagesOf(kernel);
    this.#ids = stages.map(({ id }) => id);
    this.#plans = stages.map(({ plan }) => plan as ProgramPlan);
    this.#inputs = (this.#plans[0] as ProgramPlan).input.plan.buffers;
    this.depth = keeper.settings.depth;
    if (keeper.settings.readback === "lazy") this.#readLater = (bytes) => this.#read(bytes);
    this.#packers = this.#plans.map(({ input }) => new Packer(input.plan, input.stride));
    this.#output = (this.#plans.at(-1) as ProgramPlan).output;
    this.#unpacker = new Packer(this.#output.plan, this.#output.stride);
  }

  async open(): Promise<void> {
    await this.#ready();
  }

  isFull(messages: readonly AnyMessage[]): boolean {
    if (messages.length >= MOST) return true;
    let bytes = 0;
    for (const message of messages) {
      for (const { byteLength } of this.#arraysOf(message)) bytes += byteLength;
    }
    return bytes >= this.#keeper.settings.batchBytes;
  }

  #arraysOf(message: AnyMessage): SharedBuffer[] {
    return this.#inputs.map(({ name }) => (message as unknown as View)[name] as SharedBuffer);
  }

  async run(messages: readonly AnyMessage[]): Promise<BatchOutcome> {
    const { onDeviceLost, attempts } = this.#keeper.settings;
    for (let tries = 1; ; tries++) {
      try {
        const opened = this.#opened?.session.lost === undefined ? this.#opened : undefined;
        return await this.#onDevice(opened ?? (await this.#ready()), messages);
      } catch (error) {
        if (!isRinglineError(error, "DEVICE_LOST")) throw error;
        if (onDeviceLost === "host") return this.#onHost(messages);
        if (onDeviceLost === "fail" || tries >= attempts || !this.#keeper.canReopen) throw error;
        this.#counts.repeated++;
      }
    }
  }

  #read(bytes: number): void {
    this.#counts.submits++;
    this.#counts.readbacks++;
    this.#counts.bytesDown += bytes;
  }

  stats(): DeviceTelemetry {
    return deviceTelemetry(this.#counts, this.#keeper);
  }

  dispose(): void {}

  async #ready(): Promise<Opened> {
    const session = await this.#keeper.session();
    const stages = await openPrograms(session, this.#plans, this.#ids);
    this.#opened = { session, stages, binds: new BindGroups(session) };
    return this.#opened;
  }

  async #onDevice(opened: Opened, messages: readonly AnyMessage[]): Promise<BatchOutcome> {
    const { session } = opened;
    const { timeout } = this.#keeper.settings;
    const arrays = messages.flatMap((message) => this.#arraysOf(message));
    const away = awayFrom(session, arrays);
    if (away.length > 0) await Promise.allSettled(away.map((array) => array.read())); // what is lost is told when it is used
    if (session.lost !== undefined) throw session.lostError();
    const timer = session.timers?.take();
    const counts = this.#counts;
    counts.inFlight++;
    try {
      const { made: batch, refused } = session.watch(() => this.#submit(opened, messages, timer));
      const { products, failures, staging, bytes } = batch;
      try {
        const { type, plan } = this.#output;
        const read = (mapped: ArrayBuffer | undefined) => {
          if (timer !== undefined && mapped !== undefined) counts.deviceTime += timeBetween(mapped, batch.down);
          return products.map((product) => product && bodyOf(product, plan.names, this.#unpacker, mapped));
        };
        let bodies: ReturnType<typeof read>;
        if (staging === undefined) {
          await session.done(timeout, refused);
          bodies = read(undefined);
        } else {
          bodies = await session.read(staging, bytes, timeout, refused, read);
          counts.readbacks++;
          session.pool.give(staging);
        }
        counts.bytesDown += batch.down;
        const output = (index: number) => {
          if (failures.has(index)) throw failures.get(index);
          return createMessage(type, bodies[index] as object, undefined);
        };
        return { output, release() {} };
      } catch (error) {
        for (const product of products) if (product !== undefined) release(product);
        if (session.lost === undefined) staging?.destroy();
        throw error;
      }
    } finally {
      counts.inFlight--;
      if (timer !== undefined) session.timers?.give(timer);
    }
  }

  /** Tells the device all that is to be done with a batch. */
  #submit(opened: Opened, messages: readonly AnyMessage[], timer: PassTimer | undefined) {
    const { device } = opened.session;
    const counts = this.#counts;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(passOf(timer?.writes));
    const batch = new ProgramBatch(opened, this.#packers, pass, messages.length, this.#readLater);
    try {
      for (const message of messages) batch.add(message as unknown as View);
      pass.end();
      const bytes = batch.down + (timer === undefined ? 0 : TIMES);
      const staging = batch.end(encoder, timer === undefined ? 0 : TIMES);
      if (staging !== undefined) timer?.copyDown(encoder, staging, batch.down);
      device.queue.submit([encoder.finish()]);
      counts.bytesUp += batch.up;
      counts.dispatches += batch.dispatches;
      counts.submits++;
      counts.batches++;
      const { products, failures, down } = batch;
      return { products, failures, down, staging, bytes };
    } catch (error) {
      for (const product of batch.products) if (product !== undefined) release(product);
      throw error;
    } finally {
      batch.letGo();
    }
  }

  /** The same by the host bodies. */
  async #onHost(messages: readonly AnyMessage[]): Promise<BatchOutcome> {
    const host = this.#kernel.handle as unknown as ChainStage["host"];
    const made: unknown[] = [];
    for (const message of messages) made.push(await host(message, {}));
    return { output: (index) => createMessage(this.#output.type, made[index] as object, undefined), release() {} };
  }
}
