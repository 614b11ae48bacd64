import { COPY_SRC, QUERY_RESOLVE } from "./usage.js";

/** Bytes of the two times of a pass. */
export const TIMES = 16;

/** Has the device write down when a pass begins and when it ends. */
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

  /** The times come down at a byte of `staging`, a multiple of 4. */
  copyDown(encoder: GPUCommandEncoder, staging: GPUBuffer, at: number): void {
    encoder.resolveQuerySet(this.writes.querySet, 0, 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, staging, at, TIMES);
  }
}

/** Milliseconds between the two times, which the device gives in nanoseconds. Drivers may answer anything: never less than 0. */
export function timeBetween(from: ArrayBufferLike, at: number): number {
  const [low, high, lowEnd, highEnd] = new Uint32Array(from, at, 4) as unknown as [number, number, number, number];
  return Math.max(0, (highEnd - high) * 2 ** 32 + (lowEnd - low)) / 1e6;
}

/** Timers of one device, used again and again. */
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
