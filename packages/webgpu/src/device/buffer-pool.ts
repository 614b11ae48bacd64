/** Bytes of the smallest buffer. */
const SMALLEST = 1024;

/** Buffers of one device, used again and again: making one costs milliseconds. */
export class BufferPool {
  readonly #device: GPUDevice;
  /** Free ones, by usage and size. */
  readonly #free = new Map<string, GPUBuffer[]>();
  /** Since the device was opened. */
  made = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** A buffer with room for so many bytes; what is in it is old. */
  take(bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = sizeFor(bytes);
    const free = this.#free.get(`${usage}:${size}`)?.pop();
    if (free !== undefined) return free;
    this.made++;
    return this.#device.createBuffer({ size, usage });
  }

  /** The device works in the order in which it is told: a buffer may be given back as soon as its last use is submitted. */
  give(buffer: GPUBuffer): void {
    const key = `${buffer.usage}:${buffer.size}`;
    const free = this.#free.get(key);
    if (free === undefined) this.#free.set(key, [buffer]);
    else free.push(buffer);
  }
}

/** Four sizes for each doubling, in whole blocks of 256 bytes. */
function sizeFor(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const quarter = Math.max(256, 2 ** (Math.ceil(Math.log2(bytes)) - 3));
  return Math.ceil(bytes / quarter) * quarter;
}
