import type { WaitOptions } from "@ringline/core";
import type { DeviceSide, SharedBuffer } from "@ringline/core/backend";
import type { Session } from "./session.js";
import { COPY_DST, COPY_SRC, MAP_READ, STORAGE } from "./usage.js";

const USAGE = STORAGE | COPY_SRC | COPY_DST;

/** The device side of a `UnifiedBuffer`. */
export class GpuSide implements DeviceSide {
  readonly session: Session;
  readonly buffer: GPUBuffer;
  readonly #bytes: number;
  #isReleased = false;

  constructor(session: Session, bytes: number) {
    this.session = session;
    this.buffer = session.pool.take(Math.max(4, Math.ceil(bytes / 4) * 4), USAGE);
    this.#bytes = Math.ceil(bytes / 4) * 4;
  }

  async read(into: Uint8Array, _wait: WaitOptions | undefined): Promise<void> {
    const { session } = this;
    if (session.lost !== undefined) throw session.lostError();
    const staging = session.pool.take(this.#bytes, MAP_READ | COPY_DST);
    const { refused } = session.watch(() => {
      const encoder = session.device.createCommandEncoder();
      encoder.copyBufferToBuffer(this.buffer, 0, staging, 0, this.#bytes);
      session.device.queue.submit([encoder.finish()]);
    });
    const mapped = await session.map(staging, this.#bytes, Number.POSITIVE_INFINITY, refused);
    into.set(new Uint8Array(mapped, 0, into.byteLength));
    staging.unmap();
    session.pool.give(staging);
  }

  release(): void {
    if (this.#isReleased || this.session.lost !== undefined) return;
    this.#isReleased = true;
    this.session.pool.give(this.buffer);
  }
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
  const bytes = Math.ceil(shared.byteLength / 4) * 4;
  const side = new GpuSide(session, bytes);
  if (plain.byteLength < bytes) plain = new Uint8Array(bytes);
  plain.set(shared.bytes);
  session.device.queue.writeBuffer(side.buffer, 0, plain.buffer, 0, bytes);
  shared.attach(side, "both");
  return { side, bytesUp: bytes };
}
