import { type DeviceSide, roundUp, type SharedBuffer } from "@ringline/core/internal";
import type { Session } from "./session.js";
import { COPY_DST, COPY_SRC, MAP_READ, STORAGE } from "./usage.js";

const USAGE = STORAGE | COPY_SRC | COPY_DST;

/** The device side of a `UnifiedBuffer`. */
export class GpuSide implements DeviceSide {
  readonly session: Session;
  readonly buffer: GPUBuffer;
  #bytes: number;
  readonly #onRead: (bytes: number) => void;
  #isReleased = false;

  /**
   * A device side with outdated content. `room`: bytes of its binding, at least those that it holds. `onRead`: gets
   * the number of bytes that were read back.
   */
  constructor(session: Session, bytes: number, room: number, onRead: (bytes: number) => void = () => {}) {
    this.session = session;
    this.buffer = session.pool.take(room, USAGE);
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
      session.pool.drop(staging);
      throw error;
    }
    session.pool.give(staging);
    this.#onRead(bytes);
  }

  /** Limits the content to its first bytes. */
  shorten(bytes: number): void {
    this.#bytes = roundUp(bytes, 4);
  }

  release(): void {
    if (this.#isReleased || this.session.lost !== undefined) return;
    this.#isReleased = true;
    this.session.pool.give(this.buffer);
  }
}

/** Arrays whose content is only on another device. */
export function awayFrom(session: Session, buffers: readonly SharedBuffer[]): SharedBuffer[] {
  return buffers.filter(({ side, device }) => side === "device" && (device as GpuSide).session !== session);
}

/** Bytes that are written to the device at a time. */
const PIECE = 1024 * 1024;
let plain: Uint8Array<ArrayBuffer> | undefined;

/**
 * Uploads the content of a buffer unless it is on this device already, followed by zeros up to `room` bytes. Returns
 * the number of bytes sent.
 */
export function upload(
  session: Session,
  shared: SharedBuffer,
  room: number,
): { readonly side: GpuSide; readonly bytesUp: number } {
  const known = sideOn(session, shared);
  if (known !== undefined) return { side: known, bytesUp: 0 };
  const side = new GpuSide(session, shared.byteLength, room);
  writeTo(session, shared, side.buffer, room);
  shared.attach(side, "both");
  return { side, bytesUp: roundUp(shared.byteLength, 4) };
}

/** As `upload`, into a given buffer; content that is on this device already is copied there. */
export function uploadTo(
  session: Session,
  encoder: GPUCommandEncoder,
  shared: SharedBuffer,
  to: GPUBuffer,
  room: number,
): number {
  const known = sideOn(session, shared);
  if (known === undefined) {
    writeTo(session, shared, to, room);
    return roundUp(shared.byteLength, 4);
  }
  encoder.copyBufferToBuffer(known.buffer, 0, to, 0, room);
  return 0;
}

/** Side of a buffer on this device, if it has the latest content. */
function sideOn(session: Session, shared: SharedBuffer): GpuSide | undefined {
  if (shared.side === "lost") throw session.lostError("an array was on it alone");
  const known = shared.device;
  return known instanceof GpuSide && known.session === session && shared.side !== "host" ? known : undefined;
}

/** Memory that threads share is copied first, as the library for Node crashes on it. */
function writeTo({ device }: Session, shared: SharedBuffer, to: GPUBuffer, room: number): void {
  plain ??= new Uint8Array(PIECE);
  for (let at = 0; at < room; at += PIECE) {
    const bytes = Math.min(PIECE, room - at);
    const own = shared.bytes.subarray(at, at + bytes);
    plain.set(own);
    plain.fill(0, own.byteLength, bytes);
    device.queue.writeBuffer(to, at, plain, 0, bytes);
  }
}
