import { errors } from "@ringline/core";
import { BufferPool } from "./buffer-pool.js";
import { PassTimers } from "./pass-timers.js";
import { waitFor } from "./wait-for.js";

/** What is known of a device's adapter. */
export interface AdapterFacts {
  readonly name: string;
  readonly isSoftware: boolean;
}

/** One device, from the moment it is opened until it is lost. */
export class Session {
  readonly device: GPUDevice;
  readonly adapter: AdapterFacts;
  readonly pool: BufferPool;
  /** Where passes are to be timed, and the device can. */
  readonly timers: PassTimers | undefined;
  /** By the text of their shader and the entry. */
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  readonly #onLost = new Set<() => void>();
  pipelinesMade = 0;
  /** Why it is gone; undefined while it is there. */
  lost: string | undefined;
  /** The latest error that nothing was waiting for, and how many there were. */
  fault: string | undefined;
  faults = 0;
  /** Not answered in time: it must not be destroyed, as that would wait for it. */
  isStuck = false;

  constructor(device: GPUDevice, adapter: AdapterFacts, timings = false) {
    this.device = device;
    this.adapter = adapter;
    this.pool = new BufferPool(device);
    this.timers = timings && device.features.has("timestamp-query") ? new PassTimers(device) : undefined;
    device.addEventListener("uncapturederror", (event) => {
      this.faults++;
      this.fault = (event as GPUUncapturedErrorEvent).error.message;
    });
    void device.lost.then(({ reason, message }) => this.lose(message || reason || "it is gone"));
  }

  /** From now on nothing is done with it: calls on a lost device seem to succeed. */
  lose(reason: string): void {
    if (this.lost !== undefined) return;
    this.lost = reason;
    for (const tell of this.#onLost) tell();
  }

  onLost(tell: () => void): () => void {
    this.#onLost.add(tell);
    return () => this.#onLost.delete(tell);
  }

  lostError(): Error {
    return new errors.DEVICE_LOST({ reason: this.lost ?? "it is gone" });
  }

  /** A pipeline that was made before, or a new one. */
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

  /**
   * Maps a buffer for reading. Rejects with `DEVICE_LOST`, also where the device does not answer within `timeout`
   * milliseconds, and with what the device found wrong since `faults` were counted: then what is in it is not to be used.
   */
  async map(buffer: GPUBuffer, bytes: number, timeout: number, faults: number): Promise<ArrayBuffer> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stuck = new Promise<"stuck">((resolve) => {
      if (timeout < 2 ** 31) timer = setTimeout(() => resolve("stuck"), timeout);
    });
    try {
      const mapped = buffer.mapAsync(1, 0, bytes); // GPUMapMode.READ
      const end = await waitFor(Promise.race([mapped, stuck]));
      if (end === "stuck") {
        mapped.catch(() => {});
        this.isStuck = true;
        this.lose(`it did not answer within ${timeout} ms`);
      }
    } catch (cause) {
      if (this.lost === undefined) await Promise.race([this.device.lost, later()]);
      if (this.lost === undefined) throw cause;
    } finally {
      clearTimeout(timer);
    }
    if (this.lost !== undefined) throw this.lostError();
    if (this.faults !== faults) {
      buffer.unmap();
      throw new Error(`The device refused it: ${this.fault}`);
    }
    return buffer.getMappedRange(0, bytes);
  }

  destroy(): void {
    if (!this.isStuck) this.device.destroy();
    this.lose("it was closed");
  }
}

/** The loss of a device may be told after what failed by it. */
const later = () => new Promise((resolve) => setTimeout(resolve, 100));
