import { errors } from "@ringline/core";
import { STORAGE } from "./usage.js";

/** Bytes of the smallest buffer. */
const SMALLEST = 1024;

/** Buffers of one device, used again and again: making one costs milliseconds. */
export class BufferPool {
  readonly #device: GPUDevice;
  /** Free ones, by usage and size. */
  readonly #free = new Map<string, GPUBuffer[]>();
  /** Those that the device has no memory for. */
  readonly #refused = new WeakSet<GPUBuffer>();
  /** What the device said of the latest of them. */
  shortage: string | undefined;
  /** Since the device was opened. */
  made = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** A buffer with room for so many bytes; what is in it is old. Throws `INVALID_ARGUMENT` beyond the device's limits. */
  take(bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const { limits } = this.#device;
    if (bytes > limits.maxBufferSize) throw beyond("maxBufferSize", bytes, limits.maxBufferSize);
    if ((usage & STORAGE) !== 0 && bytes > limits.maxStorageBufferBindingSize) {
      throw beyond("maxStorageBufferBindingSize", bytes, limits.maxStorageBufferBindingSize);
    }
    const size = Math.min(sizeFor(bytes), limits.maxBufferSize);
    return this.#free.get(`${usage}:${size}`)?.pop() ?? this.#make(size, usage);
  }

  /** The device works in the order in which it is told: a buffer may be given back as soon as its last use is submitted. */
  give(buffer: GPUBuffer): void {
    if (this.#refused.has(buffer)) return;
    const key = `${buffer.usage}:${buffer.size}`;
    const free = this.#free.get(key);
    if (free === undefined) this.#free.set(key, [buffer]);
    else free.push(buffer);
  }

  /** Frees the memory of what nobody uses. */
  clear(): void {
    for (const free of this.#free.values()) for (const buffer of free) buffer.destroy();
    this.#free.clear();
  }

  #make(size: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const device = this.#device;
    this.made++;
    device.pushErrorScope("out-of-memory");
    try {
      const buffer = device.createBuffer({ size, usage });
      void this.#look(buffer, device.popErrorScope());
      return buffer;
    } catch (error) {
      device.popErrorScope().catch(() => {});
      throw error;
    }
  }

  /** What the device has no memory for looks like any other until it answers. */
  async #look(buffer: GPUBuffer, answer: Promise<GPUError | null>): Promise<void> {
    const refusal = await answer.catch(() => null); // the device is lost, which all hear of
    if (refusal === null) return;
    this.shortage = refusal.message;
    this.#refused.add(buffer);
    const free = this.#free.get(`${buffer.usage}:${buffer.size}`);
    const at = free?.indexOf(buffer) ?? -1;
    if (at >= 0) free?.splice(at, 1);
  }
}

/** Four sizes for each doubling, in whole blocks of 256 bytes. */
function sizeFor(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const quarter = Math.max(256, 2 ** (Math.ceil(Math.log2(bytes)) - 3));
  return Math.ceil(bytes / quarter) * quarter;
}

function beyond(limit: string, bytes: number, most: number) {
  const remedy = `The device takes at most ${most} bytes in one buffer (${limit}): send less in one message, or batch.bytes; \
a device of your own is opened with a higher limit.`;
  return new errors.INVALID_ARGUMENT({ argument: "byteLength", value: bytes }, { remedy });
}
