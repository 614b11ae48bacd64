import { readSync, writeSync } from "node:fs";
import { Channel, type Control, PLACE, systemClock, thrownFromWire, type WireError } from "@ringline/remote";
import { FrameReader, frameOf } from "./frames.js";

/** The descriptor over which the host is asked; see `ChildConnection`. */
const ASKS = 4;
const PIECE = 65_536;
/** Milliseconds to wait where the pipe is not ready and does not wait by itself. */
const PAUSE = 0.05;
const pausing = new Int32Array(new SharedArrayBuffer(4));

/** The child's end of the two lines to its host. */
export class HostConnection {
  readonly channel = new Channel({
    ...{ end: PLACE, clock: systemClock, isClosed: false, isOrdered: false },
    send: (control) => this.#tell(control),
    ended: () => new Error("the host is gone"),
  });
  readonly #reader = new FrameReader();
  readonly #piece = Buffer.alloc(PIECE);

  #tell(control: object): void {
    const frame = frameOf(control);
    for (let at = 0; at < frame.length; ) at += insist(() => writeSync(ASKS, frame, at));
  }

  /** Asks the host and waits for the answer, without the event loop going on. Throws what the host throws. */
  call(control: Control): unknown {
    this.#tell({ ...control, asks: true });
    for (;;) {
      const answer = this.#reader.next()?.value as { value?: unknown; error?: WireError } | undefined;
      if (answer?.error !== undefined) throw thrownFromWire(answer.error);
      if (answer !== undefined) return answer.value;
      const size = insist(() => readSync(ASKS, this.#piece, 0, PIECE, null));
      if (size === 0) process.exit(); // the host is gone
      this.#reader.add(Buffer.from(this.#piece.subarray(0, size)));
    }
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
