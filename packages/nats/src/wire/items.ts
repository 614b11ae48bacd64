import { ByteReader, ByteWriter, type Control, CorruptFrame, packValue, unpackValue } from "@ringline/remote";

/** Kinds of items in a frame, by their first byte. */
const CONTROL = 0;
const MESSAGE = 1;
const TOOK = 2;
const DID = 3;
/**
 * Position of a message in the kernel's queue: at its end, in front of it, or behind those that wait for room. An
 * output is `FRESH`.
 */
export const FRESH = 0;
export const REDELIVERY = 1;
export const WAITING = 2;
/** Bytes of a buffer that is kept for reuse. */
const KEEP = 1024 * 1024;

/** Receiver of the items of a frame. */
export interface Listener {
  control(control: unknown): void;
  /** Handles a message for a kernel, or an output of one, in these bytes. */
  message(item: MessageItem, bytes: Uint8Array, view: DataView, start: number, end: number): void;
  /** Handles a message that a kernel took. */
  took(unit: number, key: number): void;
  /** Handles a range of messages that were taken and finished one after the other. */
  did(unit: number, from: number, to: number): void;
}

export interface MessageItem {
  readonly unit: number;
  readonly key: number;
  readonly how: number;
  readonly attempts: number;
}

/** Items of one frame. The data of an item may change after it was added. */
export class Items {
  readonly #out = new ByteWriter();
  /** Range of messages that a kernel has finished, not written yet; empty while `to` is before `from`. */
  #unit = 0;
  #from = 0;
  #to = -1;
  /** Message that the kernel took after this range. */
  #taken: number | undefined;
  messages = 0;

  get size(): number {
    return this.#out.size;
  }

  /** Number of messages in the range. */
  get done(): number {
    return this.#to - this.#from + 1;
  }

  /** Adds a control item. Throws `SERIALIZATION`, without adding anything. */
  control(control: Control): void {
    const bytes = packValue(control);
    this.progress();
    this.#out.byte(CONTROL);
    this.#out.raw(bytes);
  }

  message({ unit, key, how, attempts }: MessageItem, message: ByteWriter): void {
    this.progress();
    this.#head(MESSAGE, unit, key);
    this.#out.byte(how);
    this.#out.count(attempts);
    this.#out.raw(message.bytes.subarray(0, message.size));
    message.trim(KEEP);
    this.messages++;
  }

  took(unit: number, key: number): void {
    const follows = this.done === 0 || key === this.#to + 1;
    if (unit !== this.#unit || this.#taken !== undefined || !follows) this.progress();
    this.#unit = unit;
    this.#taken = key;
  }

  didOne(unit: number, key: number): void {
    if (unit !== this.#unit || key !== this.#taken) this.progress();
    if (this.done === 0) this.#from = key;
    this.#unit = unit;
    this.#to = key;
    this.#taken = undefined;
  }

  /**
   * Writes the range of messages that kernels took and finished: one item for all, if each is done before the next
   * one is taken.
   */
  progress(): void {
    if (this.done > 0) {
      this.#head(DID, this.#unit, this.#from);
      this.#out.float(this.#to);
    }
    if (this.#taken !== undefined) this.#head(TOOK, this.#unit, this.#taken);
    this.#from = 0;
    this.#to = -1;
    this.#taken = undefined;
  }

  #head(kind: number, unit: number, key: number): void {
    this.#out.byte(kind);
    this.#out.count(unit);
    this.#out.float(key);
  }

  /** Passes the bytes of all items to `use`, valid until it returns, and starts a new frame. */
  take(use: (bytes: Uint8Array) => void): void {
    const out = this.#out;
    this.progress();
    if (out.size > 0) use(out.bytes.subarray(0, out.size));
    out.reset();
    out.trim(KEEP);
    this.messages = 0;
  }
}

/** Reads the items of a frame. Throws `CorruptFrame` for bytes that no release wrote, and errors of the listener. */
export function handleItems(bytes: Uint8Array, listener: Listener): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const source = new ByteReader();
  source.open(bytes, view, 0, bytes.length);
  while (source.left > 0) {
    const kind = source.byte();
    if (kind === CONTROL) {
      listener.control(unpackValue(source.raw()));
      continue;
    }
    const [unit, key] = [source.count(), source.float()];
    if (kind === MESSAGE) {
      const [how, attempts, size] = [source.byte(), source.count(), source.countOf(1)];
      const at = source.take(size);
      listener.message({ unit, key, how, attempts }, bytes, view, at, at + size);
    } else if (kind === TOOK) listener.took(unit, key);
    else if (kind === DID) listener.did(unit, key, source.float());
    else throw new CorruptFrame("it is no item of a frame");
  }
}
