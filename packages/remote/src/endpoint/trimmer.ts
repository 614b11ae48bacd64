import type { ControlPacker } from "../calls/handlers.js";
import type { MessageCodec } from "../codec/message-codec.js";
import { inBackground } from "./in-background.js";
import type { Links } from "./links.js";

/** Milliseconds for which unused memory is kept. */
const KEPT = 250;
/** Maximum size in bytes of the kept write buffer. */
const SCRATCH = 1024 * 1024;

/** Releases memory that a burst or a long message needed. */
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
    inBackground(setTimeout(this.#trim, KEPT));
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
