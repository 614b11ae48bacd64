import type { WaitOptions } from "../time/wait-options.js";

/** Side of the latest content of a buffer. "lost": the content was only on a device that is lost. */
export type BufferSide = "host" | "device" | "both" | "lost";

/**
 * One array with a host and a device side, synchronised when it is read. As a field of a message it is handed over
 * without a copy, also to another thread. It is reference counted, and each holder has a handle of its own:
 * acceptance moves the sender's reference to the message and ends the sender's handle; after a failed send the handle
 * stays usable; the receiver's reference is released when its message is settled, unless it was retained. While there
 * is more than one reference, anywhere, the buffer is read-only.
 */
export interface UnifiedBuffer<out Many> extends Disposable {
  /** Number of elements. */
  readonly length: number;
  readonly byteLength: number;
  readonly side: BufferSide;
  /**
   * Returns the up-to-date host side; reads back from the device only if necessary. The result is the memory itself:
   * valid until the buffer is sent or released. Rejects with `TIMEOUT`, `ABORTED`, `DEVICE_LOST`, `INVALID_ARGUMENT`.
   */
  read(options?: WaitOptions): Promise<Many>;
  /**
   * Copies values to element `offset` (default 0) and later ones. Throws `INVALID_ARGUMENT`, also while there is
   * another reference.
   */
  write(data: ArrayLike<number>, offset?: number): void;
  /**
   * Adds a reference, to use the buffer beyond the message or after sending it: release each one. Throws
   * `INVALID_ARGUMENT`.
   */
  retain(): this;
  /** Releases a reference, as the end of `using` does. Does nothing without one, for example after a send. */
  release(): void;
}
