import { type DeviceSide, roundUp, type SharedBuffer } from "@ringline/core/backend";
import type { Session } from "./session.js";
import { COPY_DST, COPY_SRC, MAP_READ, STORAGE } from "./usage.js";

const USAGE = STORAGE | COPY_SRC | COPY_DST;

/** The device side of a `UnifiedBuffer`. */
export class GpuSide implements DeviceSide {
  readonly session: Session;
  readonly buffer: GPUBuffer;
  readonly #bytes: number;
  readonly #onRead: (bytes: number) => void;
  #isReleased = false;

  /** `onRead`: told how many bytes have come back. */
  constructor(session: Session, bytes: number, onRead: (bytes: number) => void = () => {}) {
    this.session = session;
    this.buffer = session.pool.take(Math.max(4, roundUp(bytes, 4)), USAGE);
    this.#bytes = roundUp(bytes, 4);
    this.#onRead = onRead;
  }

  get isLost(): boolean {
    return this.session.lost !== undefined;
  }

  async read(into: Uint8Array): Promise<void> {
    const { session } = this;
    if (session.lost !== undefined) throw session.lostError();
    const bytes = this.#bytes;
    if (bytes === 0) return;
    const staging = session.pool.take(bytes, MAP_READ | COPY_DST);
    const { refused } = session.watch(() => {
      const encoder = session.device.createCommandEncoder();
      encoder.copyBufferToBuffer(this.buffer, 0, staging, 0, bytes);
      session.device.queue.submit([encoder.finish()]);
    });
    try {
      await session.read(staging, bytes, Number.POSITIVE_INFINITY, refused, (mapped) =>
        into.set(new Uint8Array(mapped, 0, into.byteLength)),
      );
    } catch (error) {
      if (session.lost === undefined) staging.destroy();
      throw error;
    }
    session.pool.give(staging);
    this.#onRead(bytes);
  }

  release(): void {
    if (this.#isReleased || this.session.lost !== undefined) return;
    this.#isReleased = true;
    this.session.pool.give(this.buffer);
  }
}

/** Those of these arrays that are on another device alone. */
export function awayFrom(session: Session, buffers: readonly SharedBuffer[]): SharedBuffer[] {
  return buffers.filter(({ side, device }) => side === "device" && (device as GpuSide).session !== session);
}

let plain = new Uint8Array(0);

/**
 * The buffer's content on this device, sent there unless it is there already. Returns how many bytes were sent. Memory that
 * threads share is copied first: the library for Node crashes when it is given any.
 */
export function upload(session: Session, shared: SharedBuffer): { readonly side: GpuSide; readonly bytesUp: number } {
  const known = shared.device;
  if (known instanceof GpuSide && known.session === session && shared.side !== "host")
    return { side: known, bytesUp: 0 };
  if (shared.side === "lost") throw session.lostError("an array was on it alone");
  const bytes = roundUp(shared.byteLength, 4);
  const side = new GpuSide(session, bytes);
  if (plain.byteLength < bytes) plain = new Uint8Array(bytes);
  plain.set(shared.bytes);
  session.device.queue.writeBuffer(side.buffer, 0, plain.buffer, 0, bytes);
  shared.attach(side, "both");
  return { side, bytesUp: bytes };
}
