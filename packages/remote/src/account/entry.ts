import { type AnyMessage, holdOf, type SharedBuffer } from "@ringline/core/internal";
import type { Shape } from "../codec/shapes.js";
import type { Frame } from "../ring/frame.js";

/** Flag of a message's frame, above its priority: it has references to buffers. */
export const HAS_BUFFERS = 1 << 28;

/** Where messages arrive. */
export interface Home {
  readonly id: number;
  /** Takes in a message; `wake` follows. */
  arrive(entry: Entry): void;
  wake(): void;
}

/** A message that is queued or in hand. */
export class Entry {
  /** How often it was tried before. */
  attempts: number;
  /** Where it arrives. */
  inbox: Home | undefined;
  /** Those of the message, once it was read. */
  buffers: readonly SharedBuffer[] | undefined;
  constructor(
    readonly ticket: number,
    readonly priority: number,
    /** Where it lies, and who wrote it there; undefined for what was put back into an output. */
    readonly frame: Frame | undefined,
    readonly by: number,
    /** Of messages by the same writer. */
    readonly shapes: readonly Shape[],
    public message: AnyMessage | undefined,
  ) {
    this.attempts = frame === undefined ? 0 : frame.attempts;
  }

  get hasBuffers(): boolean {
    return this.frame !== undefined && (this.frame.flags & HAS_BUFFERS) !== 0;
  }

  /** Its frame is not needed any more; nor are its references. */
  settle(): void {
    this.frame?.settle();
    if (this.buffers !== undefined) this.#part(this.buffers);
  }

  #part(buffers: readonly SharedBuffer[]): void {
    for (const buffer of buffers) {
      holdOf(buffer).onTheWay = 0;
      buffer.slab.drop();
    }
  }
}

/** The message has references of its own, beside those of its frame, which stays while it is not settled. */
export function adopt(entry: Entry, buffers: readonly SharedBuffer[]): void {
  entry.buffers = buffers;
  for (const buffer of buffers) {
    const hold = holdOf(buffer);
    hold.add("lent");
    hold.onTheWay = 1;
  }
}
