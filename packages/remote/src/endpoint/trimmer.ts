import type { ControlPacker } from "../calls/handlers.js";
import type { MessageCodec } from "../codec/message-codec.js";
import type { Links } from "./links.js";

/** Milliseconds for which memory that is not needed is kept. */
const KEPT = 250;
/** Bytes that a codec keeps to write in. */
const SCRATCH = 1024 * 1024;

/** Gives back what a burst or a long message needed, once it is not needed any more. */
export class Trimmer {
  readonly #links: Links;
  readonly #codec: MessageCodec;
  readonly #packer: ControlPacker;
  readonly #ring: (index: number) => void;
  #isArmed = false;

  constructor(links: Links, codec: MessageCodec, packer: ControlPacker, ring: (index: number) => void) {
    this.#packer = packer;
    this.#links = links;
    this.#codec = codec;
    this.#ring = ring;
    links.onGrown = () => this.#arm();
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    const timer: { unref?(): void } = setTimeout(this.#trim, KEPT) as never;
    timer.unref?.(); // only engines whose timers keep a process alive have it
  }

  readonly #trim = (): void => {
    this.#isArmed = false;
    this.#codec.out.trim(SCRATCH);
    this.#packer.trim();
    for (const { writer, index } of this.#links.list) {
      if (writer.trim()) this.#ring(index);
      if (writer.mayTrim) this.#arm();
    }
  };
}
