import { errors } from "@ringline/core";
import type { Settings } from "../options.js";
import type { AdapterFacts } from "./adapter-facts.js";
import { BufferPool } from "./buffer-pool.js";
import { PassTimers } from "./pass-timers.js";
import { waitFor } from "./wait-for.js";
import { giveUp, Watchdog } from "./watchdog.js";

/** Message of a validation error; undefined for none, and if the device is lost. */
export type Refusal = Promise<string | undefined>;

const outlived = new WeakSet<object>();
const doubtful = new WeakSet<object>();
const bystanders = new WeakSet<object>();
const isIn = (errors: WeakSet<object>, error: unknown) =>
  typeof error === "object" && error !== null && errors.has(error);

/** True for the `DEVICE_LOST` of work that exceeded its time-out, so that its device was abandoned. */
export const isOverdue = (error: unknown): boolean => isIn(outlived, error);
/** True if the delay may be due to work of a device that was abandoned earlier. */
export const isDoubtful = (error: unknown): boolean => isIn(doubtful, error);
/** True for the `DEVICE_LOST` of other work on an abandoned device. */
export const isCollateral = (error: unknown): boolean => isIn(bystanders, error);

/** One device, from the moment it is opened until it is lost. */
export class Session {
  readonly device: GPUDevice;
  readonly adapter: AdapterFacts;
  readonly pool: BufferPool;
  /** Timers for passes, if `timings` is set and the device supports them. */
  readonly timers: PassTimers | undefined;
  /** Pipelines, by shader text and entry point. */
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  readonly #onLost = new Set<() => void>();
  readonly #watchdog = new Watchdog();
  pipelinesMade = 0;
  /** Reason of the loss; undefined before. */
  lost: string | undefined;
  /** True for a device that did not answer in time; destroying it would block until it does. */
  isStuck = false;

  constructor(device: GPUDevice, adapter: AdapterFacts, { timings, pool }: Pick<Settings, "timings" | "pool">) {
    this.device = device;
    this.adapter = adapter;
    this.pool = new BufferPool(device, pool);
    this.timers = timings && device.features.has("timestamp-query") ? new PassTimers(device) : undefined;
    void device.lost.then(({ reason, message }) => this.lose(message || reason || "it is gone"));
  }

  /** Marks the device as lost, as calls on a lost device seem to succeed. */
  lose(reason: string): void {
    if (this.lost !== undefined) return;
    this.lost = reason;
    this.pool.clear(true);
    for (const tell of this.#onLost) tell();
  }

  onLost(tell: () => void): () => void {
    this.#onLost.add(tell);
    return () => this.#onLost.delete(tell);
  }

  lostError(reason = this.lost ?? "it is gone"): Error {
    const error = new errors.DEVICE_LOST({ reason });
    if (this.isStuck) bystanders.add(error);
    return error;
  }

  /** Returns a cached pipeline, or makes it. */
  pipeline(key: string, make: () => Promise<GPUComputePipeline>): Promise<GPUComputePipeline> {
    let pipeline = this.#pipelines.get(key);
    if (pipeline === undefined) {
      this.pipelinesMade++;
      pipeline = make();
      pipeline.catch(() => this.#pipelines.delete(key));
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  /** Runs `work`, which calls the device. `refused`: validation error of these calls alone. Throws errors of `work`. */
  watch<T>(work: () => T): { readonly made: T; readonly refused: Refusal } {
    const { device } = this;
    device.pushErrorScope("validation");
    let refused: Refusal | undefined;
    try {
      const made = work();
      refused = refusalOf(device.popErrorScope());
      return { made, refused };
    } finally {
      if (refused === undefined) void refusalOf(device.popErrorScope());
    }
  }

  /**
   * Reads a buffer: `take` gets its content, valid until it returns. Rejects with `DEVICE_LOST`, also if the device
   * does not answer within `timeout` milliseconds, and with the error in `refused` of the work that fills the buffer,
   * whose content is then invalid.
   */
  async read<T>(
    buffer: GPUBuffer,
    bytes: number,
    timeout: number,
    refused: Refusal,
    take: (mapped: ArrayBuffer) => T,
  ): Promise<T> {
    await this.#answered(buffer.mapAsync(1, 0, bytes), timeout, refused); // GPUMapMode.READ
    const why = await refused;
    if (why !== undefined) {
      buffer.unmap();
      throw this.#refusal(why);
    }
    let mapped: ArrayBuffer;
    try {
      mapped = buffer.getMappedRange(0, bytes);
    } catch (cause) {
      throw await this.#reasonFor(cause, refused); // lost after it answered
    }
    const taken = take(mapped);
    buffer.unmap();
    return taken;
  }

  /** Waits until the device has done all submitted work. Rejects as `read` does. */
  async done(timeout: number, refused: Refusal): Promise<void> {
    await this.#answered(this.device.queue.onSubmittedWorkDone(), timeout, refused);
    const why = await refused;
    if (why !== undefined) throw this.#refusal(why);
  }

  async #answered(answer: Promise<unknown>, timeout: number, refused: Refusal): Promise<void> {
    let unhear: (() => void) | undefined;
    let unwatch: (() => void) | undefined;
    const over = new Promise<"outlived" | "lost">((resolve) => {
      unwatch = this.#watchdog.watch(timeout, () => resolve("outlived"));
      // an abandoned device is not destroyed, so its pending promises may never settle
      unhear = this.onLost(() => resolve("lost"));
    });
    try {
      const end = await waitFor(Promise.race([answer, over]));
      if (end === "lost" || end === "outlived") answer.catch(() => {});
      if (end === "outlived") throw this.#outlived(timeout);
    } catch (cause) {
      throw isOverdue(cause) ? cause : await this.#reasonFor(cause, refused);
    } finally {
      unwatch?.();
      unhear?.();
    }
    if (this.lost !== undefined) throw this.lostError();
  }

  /** Abandons a device whose work exceeds the time-out. */
  #outlived(timeout: number): Error {
    const isDoubtful = giveUp(this.device);
    const reason = `it did not answer within ${timeout} ms`;
    const error = new errors.DEVICE_LOST(
      { reason },
      {
        remedy:
          "The work of this message takes longer than `timeout` of webgpu(), or never ends: allow more, or do less.",
      },
    );
    outlived.add(error);
    if (isDoubtful) doubtful.add(error);
    this.isStuck = true;
    this.lose(reason);
    return error;
  }

  async #reasonFor(cause: unknown, refused: Refusal): Promise<Error> {
    if (this.lost === undefined) await Promise.race([this.device.lost, later()]);
    return this.lost === undefined ? this.#refusal((await refused) ?? cause) : this.lostError();
  }

  #refusal(why: unknown): Error {
    const { shortage } = this.pool;
    const reason = why instanceof Error ? why.message : why;
    return new Error(`The device refused it: ${shortage === undefined ? reason : `${shortage} (${reason})`}`);
  }

  /** Closes the session; a device that `isOwn` is destroyed with its content. */
  close(reason: string, isOwn: boolean): void {
    if (isOwn && !this.isStuck) this.device.destroy();
    if (!isOwn && this.lost === undefined) {
      this.pool.clear(false);
      this.timers?.clear();
    }
    this.lose(reason);
  }
}

/** Waits, as the loss of a device may be reported after the errors that it causes. */
const later = () => new Promise((resolve) => setTimeout(resolve, 100));

const refusalOf = (answer: Promise<GPUError | null>): Refusal =>
  answer.then(
    (refusal) => refusal?.message,
    () => undefined,
  );
