import { errors } from "@ringline/core";
import { COPY_DST, STORAGE } from "./usage.js";

/** Bytes of the smallest buffer. */
const SMALLEST = 1024;

/** Limits for unused buffers of a pool. */
export interface PoolOptions {
  /** Most bytes of them that are kept. */
  readonly bytes: number;
  /** Milliseconds after which one is freed that nobody has used again. */
  readonly idle: number;
  /** Buffers come full of garbage, so that tests see what is read before it is written. */
  readonly poison: boolean;
}

/**
 * Buffers of one device, used again and again: making one costs milliseconds. Those that nobody has used for a while are
 * freed, the oldest first, and at once where more bytes are kept than may be.
 */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #options: PoolOptions;
  /** Free ones, by usage and size; the one used last is the last. */
  readonly #free = new Map<string, GPUBuffer[]>();
  /** Times at which the unused buffers were given back, the oldest first. */
  readonly #since = new Map<GPUBuffer, number>();
  #freeBytes = 0;
  /** In use or free. */
  readonly #all = new Set<GPUBuffer>();
  #bytes = 0;
  /** Kept elsewhere for use: told to give back what was kept since before a time. */
  readonly #keepers = new Set<(before: number) => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Message of the device about the latest buffer that it had no memory for. */
  shortage: string | undefined;
  /** Since the device was opened. */
  made = 0;

  constructor(device: GPUDevice, options: PoolOptions) {
    this.#device = device;
    this.#options = options;
  }

  /** Bytes of all buffers, in use or not. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A buffer with room for so many bytes; what is in it is old. Throws `INVALID_ARGUMENT` beyond the device's limits. */
  take(bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const { limits } = this.#device;
    if (bytes > limits.maxBufferSize) throw beyond("maxBufferSize", bytes, limits.maxBufferSize);
    if ((usage & STORAGE) !== 0 && bytes > limits.maxStorageBufferBindingSize) {
      throw beyond("maxStorageBufferBindingSize", bytes, limits.maxStorageBufferBindingSize);
    }
    const size = Math.min(sizeFor(bytes), limits.maxBufferSize);
    const free = this.#free.get(`${usage}:${size}`)?.pop();
    if (free !== undefined) this.#noLongerFree(free);
    const buffer = free ?? this.make(size, usage);
    if (this.#options.poison && (usage & COPY_DST) !== 0) this.#poison(buffer, bytes);
    return buffer;
  }

  /** The device works in the order in which it is told: a buffer may be given back as soon as its last use is submitted. */
  give(buffer: GPUBuffer): void {
    if (!this.#all.has(buffer)) return; // the device had no memory for it, or all is over
    const key = `${buffer.usage}:${buffer.size}`;
    const free = this.#free.get(key);
    if (free === undefined) this.#free.set(key, [buffer]);
    else free.push(buffer);
    this.#since.set(buffer, performance.now());
    this.#freeBytes += buffer.size;
    while (this.#freeBytes > this.#options.bytes) this.#freeOldest();
    this.wake();
  }

  /** A new buffer of this size, full of zeros. It is dropped, not given back. */
  make(size: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const device = this.#device;
    this.made++;
    device.pushErrorScope("out-of-memory");
    try {
      const buffer = device.createBuffer({ size, usage });
      this.#all.add(buffer);
      this.#bytes += buffer.size;
      void this.#check(buffer, device.popErrorScope());
      return buffer;
    } catch (error) {
      device.popErrorScope().catch(() => {});
      throw error;
    }
  }

  /** Frees a buffer that is in use. */
  drop(buffer: GPUBuffer): void {
    if (!this.#all.delete(buffer)) return;
    this.#bytes -= buffer.size;
    buffer.destroy();
  }

  /**
   * Registers an owner of cached buffers, which gives them back on request. Returns a function that ends the
   * registration.
   */
  onTidy(giveBack: (before: number) => void): () => void {
    this.#keepers.add(giveBack);
    return () => this.#keepers.delete(giveBack);
  }

  /** Something is kept: it is looked at after a while. */
  wake(): void {
    const { idle } = this.#options;
    if (this.#timer !== undefined || idle >= 2 ** 31) return;
    this.#timer = setTimeout(() => this.#tidy(), Math.max(1, idle / 2));
    (this.#timer as { unref?(): void }).unref?.(); // it keeps no process alive
  }

  /** Frees all, in use or not, or forgets it with a device that `isGone`. */
  clear(isGone: boolean): void {
    clearTimeout(this.#timer);
    if (!isGone) for (const buffer of this.#all) buffer.destroy();
    this.#all.clear();
    this.#free.clear();
    this.#since.clear();
    this.#keepers.clear();
    this.#freeBytes = this.#bytes = 0;
  }

  #tidy(): void {
    this.#timer = undefined;
    const before = performance.now() - this.#options.idle;
    for (const giveBack of this.#keepers) giveBack(before);
    for (const [, since] of this.#since) {
      if (since > before) break;
      this.#freeOldest();
    }
    if (this.#since.size > 0) this.wake();
  }

  #freeOldest(): void {
    const [buffer] = this.#since.keys();
    if (buffer === undefined) return;
    this.#free.get(`${buffer.usage}:${buffer.size}`)?.shift();
    this.#noLongerFree(buffer);
    this.drop(buffer);
  }

  #noLongerFree(buffer: GPUBuffer): void {
    this.#since.delete(buffer);
    this.#freeBytes -= buffer.size;
  }

  #poison(buffer: GPUBuffer, bytes: number): void {
    const words = new Uint32Array(Math.min(buffer.size, Math.ceil(bytes / 4) * 4 + 256) >> 2).fill(0xdead_beef);
    this.#device.queue.writeBuffer(buffer, 0, words);
  }

  /** Checks a new buffer: one that the device has no memory for looks like any other until the device answers. */
  async #check(buffer: GPUBuffer, answer: Promise<GPUError | null>): Promise<void> {
    const refusal = await answer.catch(() => null); // the device is lost, which all hear of
    if (refusal === null) return;
    this.shortage = refusal.message;
    if (!this.#all.delete(buffer)) return;
    this.#bytes -= buffer.size;
    if (!this.#since.has(buffer)) return;
    this.#noLongerFree(buffer);
    const free = this.#free.get(`${buffer.usage}:${buffer.size}`);
    free?.splice(free.indexOf(buffer), 1);
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
