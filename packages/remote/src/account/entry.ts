import { type AnyMessage, handleReferencesOf, type SharedBuffer } from "@ringline/core/internal";
import type { Shape } from "../codec/shapes.js";
import type { Frame } from "../ring/frame.js";

/** Flag of a message's frame, above its priority: the message has references to buffers. */
export const HAS_BUFFERS = 1 << 28;

/** Receiver of the messages of one port. */
export interface PortHome {
  readonly id: number;
  /** Receives a message; a call of `wake` follows. */
  arrive(entry: Entry): void;
  wake(): void;
}

/** A message that is queued or in flight. */
export class Entry {
  /** Number of earlier attempts. */
  attempts: number;
  /** The inbox in which the message arrives. */
  inbox: PortHome | undefined;
  /** Buffers of the message, once it is decoded. */
  buffers: readonly SharedBuffer[] | undefined;
  /** Index of the thread that wrote the payload. */
  readonly by: number;
  constructor(
    readonly ticket: number,
    readonly priority: number,
    /** Frame of the message; undefined for a message that was put back into an output. */
    public frame: Frame | undefined,
    /** Index of the thread that wrote the log with the frame. */
    public log: number,
    /** Shapes of its writer's messages. */
    readonly shapes: readonly Shape[],
    public message: AnyMessage | undefined,
  ) {
    this.by = frame?.writer ?? log;
    this.attempts = frame === undefined ? 0 : frame.attempts;
  }

  get hasBuffers(): boolean {
    return this.frame !== undefined && (this.frame.flags & HAS_BUFFERS) !== 0;
  }

  /** Settles the frame, and releases its references to buffers. */
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

/** Gives the message references of its own, beside those of its frame, which remain until it is settled. */
export function adopt(entry: Entry, buffers: readonly SharedBuffer[]): void {
  entry.buffers = buffers;
  for (const buffer of buffers) {
    const hold = handleReferencesOf(buffer);
    hold.add("inFlight");
    hold.inTransit = 1;
  }
}
