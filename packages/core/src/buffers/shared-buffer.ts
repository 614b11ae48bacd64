import { errors } from "../errors/ringline-error.js";
import { systemClock } from "../time/clock.js";
import { checkWait, limited, type WaitOptions } from "../time/wait-options.js";
import { checkValues, type Elements } from "./elements.js";
import type { HandleReferences } from "./handle-references.js";
import { SLAB_HEADER, type Slab } from "./slab-pool.js";
import type { BufferSide, UnifiedBuffer } from "./unified-buffer-types.js";

/** Device side of a buffer. The buffer owns it and releases it with the last reference in this place. */
export interface DeviceSide {
  /** True once the device is lost, with the content. */
  readonly isLost: boolean;
  /** Fills `into` with the content on the device. Rejects with `DEVICE_LOST`. */
  read(into: Uint8Array): Promise<void>;
  release(): void;
}

/** True for a handle of this copy of core. Never throws, not even for a revoked proxy. */
export let isBuffer: (value: unknown) => value is SharedBuffer;
// for the runtime and backends, assigned where the private fields are visible
export let handleReferencesOf: (buffer: SharedBuffer) => HandleReferences;
/** Ends a handle; the last one in this place releases the device side. */
export let dropHandle: (buffer: SharedBuffer) => void;
/** Creates another handle to the same buffer, for its next holder. */
export let handleFor: (buffer: SharedBuffer, hold: HandleReferences) => SharedBuffer;

/** False while no content is only on a device: messages are then not searched for such buffers. */
export let hasDevices = false;

let warned = false;
const lost = new FinalizationRegistry<HandleReferences>((hold) => {
  const forgotten = hold.own;
  while (hold.own > 0) hold.drop("own");
  while (hold.inFlight > 0) hold.drop("inFlight");
  if (forgotten === 0 || warned) return;
  warned = true;
  console.warn(
    "A UnifiedBuffer was not released: hold it with `using`, or release it, so that its memory is used again.",
  );
});

/** State that all handles of a place to one buffer share. */
interface Content {
  device: DeviceSide | undefined;
  /** Side of the latest content, unless the device is lost. */
  side: BufferSide;
  readingBack: Promise<void> | undefined;
}

/** A handle to a buffer on a slab. Each holder has its own handle, which ends with its last reference. */
export class SharedBuffer<Many = unknown> implements UnifiedBuffer<Many> {
  readonly length: number;
  readonly elements: Elements<Many>;
  readonly #references: HandleReferences;
  readonly #content: Content;
  #array: Many | undefined;

  static {
    isBuffer = (value): value is SharedBuffer => typeof value === "object" && value !== null && #references in value;
    handleReferencesOf = (buffer) => buffer.#references;
    dropHandle = (buffer) => {
      const content = buffer.#content;
      if (buffer.#references.count === 0) lost.unregister(buffer);
      if (buffer.#references.isUsedLocally) return;
      content.device?.release();
      content.device = undefined;
    };
    handleFor = (buffer, hold) => new SharedBuffer(buffer.elements, buffer.length, hold, buffer.#content);
  }

  constructor(
    elements: Elements<Many>,
    length: number,
    hold: HandleReferences,
    content: Content = { device: undefined, side: "host", readingBack: undefined },
  ) {
    this.elements = elements;
    this.length = length;
    this.#references = hold;
    this.#content = content;
    lost.register(this, hold, this);
  }

  get byteLength(): number {
    return this.length * this.elements.stride;
  }
  get side(): BufferSide {
    if (this.#content.device?.isLost !== true) return this.#content.side;
    return this.#content.side === "device" ? "lost" : "host";
  }
  get slab(): Slab {
    return this.#references.slab;
  }

  async read(options?: WaitOptions): Promise<Many> {
    if (options !== undefined) checkWait(options, "read");
    this.#check("read");
    if (this.#content.side === "device") {
      this.#content.readingBack ??= this.#readBack(this.#content.device as DeviceSide);
      await (options === undefined
        ? this.#content.readingBack
        : limited(this.#content.readingBack, options, systemClock, "read"));
    }
    // elements that are filled by values are read as a copy
    if (this.elements.fill !== undefined) return this.#over();
    return this.#shared;
  }

  #over(): Many {
    return this.elements.over(this.slab.memory, SLAB_HEADER, this.length);
  }

  /** The array over the memory itself. */
  get #shared(): Many {
    this.#array ??= this.#over();
    return this.#array;
  }

  /** Starts one readback that all readers share. A reference keeps the memory until the readback ends. */
  #readBack(device: DeviceSide): Promise<void> {
    const hold = this.#references;
    hold.add("inFlight");
    return device
      .read(this.bytes)
      .then(() => {
        this.#content.side = "both";
      })
      .finally(() => {
        this.#content.readingBack = undefined;
        hold.drop(hold.inFlight > 0 ? "inFlight" : "own");
        if (hold.count === 0) dropHandle(this);
      });
  }

  write(data: ArrayLike<number>, offset = 0): void {
    this.#check("write");
    checkValues(data, this.elements, "data");
    if (!this.#references.isSole) {
      const remedy =
        "Others have it, or it was retained, and so it can only be read: write to a new one, or before that.";
      throw new errors.INVALID_ARGUMENT({ argument: "buffer", value: "shared" }, { remedy });
    }
    if (!(Number.isSafeInteger(offset) && offset >= 0 && offset + data.length <= this.length)) {
      const remedy = `The buffer has ${this.length} elements; ${data.length} do not fit in from there.`;
      throw new errors.INVALID_ARGUMENT({ argument: "offset", value: offset }, { remedy });
    }
    if (this.#content.side === "device") {
      const remedy = "Its latest content is on the device: read() it first.";
      throw new errors.INVALID_ARGUMENT({ argument: "buffer", value: "on the device" }, { remedy });
    }
    const { elements } = this;
    if (elements.fill === undefined) (this.#shared as Float64Array).set(data, offset);
    else elements.fill(this.slab.memory, SLAB_HEADER, data, offset);
    this.#content.side = "host";
  }

  retain(): this {
    this.#check("retain");
    this.#references.add("own");
    return this;
  }

  release(): void {
    if (this.#references.own === 0) return; // sent or released before
    this.#references.drop("own");
    if (this.#references.count === 0) dropHandle(this);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** The host side as bytes, for backends. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.slab.memory, SLAB_HEADER, this.byteLength);
  }

  get device(): DeviceSide | undefined {
    return this.#content.device;
  }

  /** Sets the device side and the side of the latest content; called by backends. */
  attach(device: DeviceSide, side: BufferSide): void {
    if (this.#content.device !== device) this.#content.device?.release();
    this.#content.device = device;
    this.#content.side = side;
    if (side === "device") hasDevices = true;
  }

  #check(operation: string): void {
    if (this.side === "lost") throw new errors.DEVICE_LOST({ reason: "the buffer was on a device that is lost" });
    if (this.#references.count > 0) return;
    const remedy = `${operation}() works until the buffer is sent or released: retain() it before, to go on using it.`;
    throw new errors.INVALID_ARGUMENT({ argument: "buffer", value: "released" }, { remedy });
  }
}
