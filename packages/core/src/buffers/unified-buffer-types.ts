import type { WaitOptions } from "../time/wait-options.js";

/** Side of the latest content of a buffer. "lost": on a device that is gone. */
export type BufferSide = "host" | "device" | "both" | "lost";

/**
 * One array with a host and a device side, synchronised when it is read. As a field of a message it is handed over
 * without a copy, also to another thread. It is counted by reference, and each holder has a handle of its own: acceptance moves
 * the sender's reference to the message and ends the sender's handle, a send that fails leaves it, and what the receiver
 * was given goes when its message is settled, unless it was retained. While there is more than one reference, wherever
 * it is, the buffer can only be read.
 */
export interface UnifiedBuffer<out Many> extends Disposable {
  /** Elements. */
  readonly length: number;
  readonly byteLength: number;
  readonly side: BufferSide;
  /**
   * The host side, up to date; reads back from the device only if it must. It is the memory itself: valid until the
   * buffer is sent or released. Rejects with `TIMEOUT`, `ABORTED`, `DEVICE_LOST`, `INVALID_ARGUMENT`.
   */
  read(options?: WaitOptions): Promise<Many>;
  /** Copies values to element `offset` (default 0) and on. Throws `INVALID_ARGUMENT`, also while there is another reference. */
  write(data: ArrayLike<number>, offset?: number): void;
  /** One more reference, to use it beyond the message or beyond sending it: release each. Throws `INVALID_ARGUMENT`. */
  retain(): this;
  /** Gives a reference back, as the end of `using` does. Nothing happens where there is none: after it was sent. */
  release(): void;
}
