import { type AnyMessage, handleReferencesOf, type SharedBuffer } from "@ringline/core/internal";
import type { Shape } from "../codec/shapes.js";
import type { Frame } from "../ring/frame.js";

/** Flag of a message's frame, above its priority: it has references to buffers. */
export const HAS_BUFFERS = 1 << 28;

/** Receiver of messages. */
export interface PortHome {
  readonly id: number;
  /** Takes in a message; `wake` follows. */
  arrive(entry: Entry): void;
  wake(): void;
}

/** A message that is queued or in hand. */
export class Entry {
  /** Number of earlier attempts. */
  attempts: number;
  /** The inbox in which the message arrives. */
  inbox: PortHome | undefined;
  /** Buffers of the message, once it was read. */
  buffers: readonly SharedBuffer[] | undefined;
  /** Writer of the payload. */
  readonly by: number;
  constructor(
    readonly ticket: number,
    readonly priority: number,
    /** Frame of the message; undefined for one that was put back into an output. */
    public frame: Frame | undefined,
    /** Writer of the log in which the frame lies. */
    public log: number,
    /** Of messages by the same writer. */
    readonly shapes: readonly Shape[],
    public message: AnyMessage | undefined,
  ) {
    this.by = frame?.writer ?? log;
    this.attempts = frame === undefined ? 0 : frame.attempts;
  }

  get hasBuffers(): boolean {
    return this.frame !== undefined && (this.frame.flags & HAS_BUFFERS) !== 0;
  }

  /** Settles the frame, which is not needed any more; its references are released. */
  settle(): void {
    this.frame?.settle();
    if (this.buffers !== undefined) this.#detach(this.buffers);
  }

  #detach(buffers: readonly SharedBuffer[]): void {
    for (const buffer of buffers) {
      handleReferencesOf(buffer).inTransit = 0;
      buffer.slab.drop();
    }
  }
}

/** The message has references of its own, beside those of its frame, which stays while it is not settled. */
export function adopt(entry: Entry, buffers: readonly SharedBuffer[]): void {
  entry.buffers = buffers;
  for (const buffer of buffers) {
    const hold = handleReferencesOf(buffer);
    hold.add("inFlight");
    hold.inTransit = 1;
  }
}
