import { readSync, writeSync } from "node:fs";
import type { WaitOptions } from "@ringline/core";
import { type KernelWait, limitWait, systemClock, thrownFromWire, type WireError } from "@ringline/remote";
import { FrameReader, frameOf } from "./frames.js";

/** The descriptor over which the host is asked; see `ChildLine`. */
const ASKS = 4;
const PIECE = 65_536;
/** Milliseconds to wait where the pipe is not ready and does not wait by itself. */
const PAUSE = 0.05;
const pausing = new Int32Array(new SharedArrayBuffer(4));

/** The child's end of the two lines to its host. */
export class HostLine {
  readonly #reader = new FrameReader();
  readonly #piece = Buffer.alloc(PIECE);
  readonly #waits = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  #nextWait = 0;

  /** Tells the host something. */
  tell(k: string, fields: object = {}): void {
    const frame = frameOf({ ...fields, k });
    for (let at = 0; at < frame.length; ) at += insist(() => writeSync(ASKS, frame, at));
  }

  /** Asks the host and waits for the answer, without the event loop going on. Throws what the host throws. */
  ask(k: string, fields: object = {}): unknown {
    this.tell(k, { ...fields, asks: true });
    for (;;) {
      const answer = this.#reader.next()?.value as { value?: unknown; error?: WireError } | undefined;
      if (answer?.error !== undefined) throw thrownFromWire(answer.error);
      if (answer !== undefined) return answer.value;
      const size = insist(() => readSync(ASKS, this.#piece, 0, PIECE, null));
      if (size === 0) process.exit(); // the host is gone
      this.#reader.add(Buffer.from(this.#piece.subarray(0, size)));
    }
  }

  /**
   * Has the host do something that may take time, in the name of a kernel. The host minds the time-out; what else ends the
   * wait is seen here. What the host says is the truth, also where the wait was over meanwhile.
   */
  async wait(k: string, fields: object, operation: string, kernelId: string, limit?: WaitOptions): Promise<unknown> {
    const { timeout, ...endings } = (limit ?? {}) as KernelWait;
    const wait = this.#nextWait++;
    const waited = new Promise((resolve, reject) => this.#waits.set(wait, { resolve, reject }));
    this.tell(k, { ...fields, wait, timeout });
    let ended: Error | undefined;
    const unlimit = limitWait(endings, systemClock, operation, kernelId, (error) => {
      ended = error;
      this.tell("cancel", { wait });
    });
    try {
      return await waited;
    } catch (error) {
      throw ended ?? error;
    } finally {
      unlimit();
    }
  }

  waited({ wait, value, error }: { wait: number; value?: unknown; error?: WireError }): void {
    const waiting = this.#waits.get(wait);
    this.#waits.delete(wait);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(thrownFromWire(error));
  }
}

/** Tries until the pipe is ready. */
function insist(attempt: () => number): number {
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(pausing, 0, 0, PAUSE);
    }
  }
}
