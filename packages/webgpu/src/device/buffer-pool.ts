import { errors } from "@ringline/core";
import { COPY_DST, STORAGE } from "./usage.js";

/** Bytes of the smallest buffer. */
const SMALLEST = 1024;

/** Limits for unused buffers of a pool. */
export interface PoolOptions {
  /** Maximum bytes of unused buffers. */
  readonly bytes: number;
  /** Milliseconds after which an unused buffer is freed. */
  readonly idle: number;
  /** True to fill buffers with garbage, so that tests detect reads of unwritten memory. */
  readonly poison: boolean;
}

/**
 * Pool of the buffers of one device: creating a buffer takes milliseconds. Buffers that are unused for a while are
 * freed, oldest first, and immediately if the pool exceeds its maximum.
 */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #options: PoolOptions;
  /** Free buffers, by usage and size; the one used last is at the end. */
  readonly #free = new Map<string, GPUBuffer[]>();
  /** Times at which the free buffers were returned, oldest first. */
  readonly #since = new Map<GPUBuffer, number>();
  #freeBytes = 0;
  /** All buffers, in use or free. */
  readonly #all = new Set<GPUBuffer>();
  #bytes = 0;
  /** Callbacks of owners of cached buffers: each returns those that are unused since before a time. */
  readonly #keepers = new Set<(before: number) => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Message of the device about the latest buffer that it could not allocate. */
  shortage: string | undefined;
  /** Number of buffers created since the device was opened. */
  made = 0;

  constructor(device: GPUDevice, options: PoolOptions) {
    this.#device = device;
    this.#options = options;
  }

  /** Bytes of all buffers, in use or not. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Returns a buffer of at least `bytes` bytes, with old content. Throws `INVALID_ARGUMENT` beyond the device's limits.
   */
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

  /**
   * Returns a buffer to the pool. The device executes submissions in order, so this is safe as soon as the last use is
   * submitted.
   */
  give(buffer: GPUBuffer): void {
    if (!this.#all.has(buffer)) return; // the device could not allocate it, or the pool is cleared
    const key = `${buffer.usage}:${buffer.size}`;
    const free = this.#free.get(key);
    if (free === undefined) this.#free.set(key, [buffer]);
    else free.push(buffer);
    this.#since.set(buffer, performance.now());
    this.#freeBytes += buffer.size;
    while (this.#freeBytes > this.#options.bytes) this.#freeOldest();
    this.wake();
  }

  /** Creates a zeroed buffer of this size, which is dropped after use, not returned to the pool. */
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

  /** Schedules the next check for unused buffers. */
  wake(): void {
    const { idle } = this.#options;
    if (this.#timer !== undefined || idle >= 2 ** 31) return;
    this.#timer = setTimeout(() => this.#tidy(), Math.max(1, idle / 2));
    (this.#timer as { unref?(): void }).unref?.(); // the timer does not keep the process alive
  }

  /** Destroys all buffers, in use or not; of a device that `isGone`, only forgets them. */
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

  /** Checks a new buffer: a failed allocation is known only when the device answers. */
  async #check(buffer: GPUBuffer, answer: Promise<GPUError | null>): Promise<void> {
    const refusal = await answer.catch(() => null); // the loss of the device is reported elsewhere
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

/** Rounds a size up to one of four sizes for each power of two, in blocks of 256 bytes. */
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
