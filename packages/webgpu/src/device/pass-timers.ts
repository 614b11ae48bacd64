import { COPY_SRC, QUERY_RESOLVE } from "./usage.js";

/** Bytes of the two timestamps of a pass. */
export const TIMES = 16;

/** Records the start and end time of a pass on the device. */
export class PassTimer {
  readonly writes: GPUComputePassTimestampWrites;
  readonly #resolved: GPUBuffer;

  constructor(device: GPUDevice) {
    const querySet = device.createQuerySet({ type: "timestamp", count: 2 });
    this.writes = { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
    this.#resolved = device.createBuffer({ size: TIMES, usage: QUERY_RESOLVE | COPY_SRC });
  }

  destroy(): void {
    this.writes.querySet.destroy();
    this.#resolved.destroy();
  }

  /** Copies the timestamps to `staging` at a byte offset, a multiple of 4. */
  copyDown(encoder: GPUCommandEncoder, staging: GPUBuffer, at: number): void {
    encoder.resolveQuerySet(this.writes.querySet, 0, 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, staging, at, TIMES);
  }
}

/** Milliseconds between two timestamps, which are in nanoseconds; at least 0, as drivers may return anything. */
export function timeBetween(from: ArrayBufferLike, at: number): number {
  const [low, high, lowEnd, highEnd] = new Uint32Array(from, at, 4) as unknown as [number, number, number, number];
  return Math.max(0, (highEnd - high) * 2 ** 32 + (lowEnd - low)) / 1e6;
}

/** Pool of the timers of one device. */
export class PassTimers {
  readonly #device: GPUDevice;
  readonly #free: PassTimer[] = [];

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  take(): PassTimer {
    return this.#free.pop() ?? new PassTimer(this.#device);
  }

  give(timer: PassTimer): void {
    this.#free.push(timer);
  }

  clear(): void {
    for (const timer of this.#free.splice(0)) timer.destroy();
  }
}
