import type { AnyRinglineError } from "@ringline/core";
import type { Origin } from "@ringline/core/internal";
import type { ByteReader } from "../codec/byte-reader.js";
import type { ByteWriter } from "../codec/byte-writer.js";
import type { OriginRefs } from "../codec/message-codec.js";
import { readText, writeText } from "../codec/scalars.js";

/** Connection to other places for the inputs of flows. */
export interface NumberedOriginLinks {
  /** From another place to the host: a message has left a node. */
  messageLeft(id: number, node: number, error: AnyRinglineError | undefined): void;
  /** From the host: nobody wants it any more. */
  cancelled(id: number): void;
}

/** Origins that are known, above which those that are over are looked for. */
const SWEEP = 1024;

/** The inputs of flows, by number: they are at home with the host, which counts what of them is alive. */
export class NumberedOrigins implements OriginRefs {
  readonly #isHost: boolean;
  readonly #links: NumberedOriginLinks;
  readonly #ids = new WeakMap<Origin, number>();
  readonly #own = new Map<number, Origin>();
  readonly #foreign = new Map<number, WeakRef<RemoteOrigin>>();
  #next = 0;
  #sweepAt = SWEEP;

  constructor(isHost: boolean, lines: NumberedOriginLinks) {
    this.#isHost = isHost;
    this.#links = lines;
  }

  write(origin: Origin, out: ByteWriter): void {
    out.word(this.#refer(origin));
    writeText(out, origin.flow);
    out.byte(origin.isCancelled ? 1 : 0);
  }

  read(source: ByteReader): Origin | undefined {
    const [id, flow, isCancelled] = [source.word(), readText(source), source.byte() === 1];
    if (this.#isHost) return this.#own.get(id);
    const origin = this.#foreign.get(id)?.deref() ?? this.#add(new RemoteOrigin(id, flow, this.#links));
    if (isCancelled) origin.isCancelled = true;
    return origin;
  }

  /** The host's own; undefined where nothing of it is alive any more. */
  get(id: number): Origin | undefined {
    return this.#own.get(id);
  }

  /** The host says that nobody wants it any more. */
  cancelled(id: number): void {
    const origin = this.#foreign.get(id)?.deref();
    if (origin !== undefined) origin.isCancelled = true;
  }

  #refer(origin: Origin): number {
    if (origin instanceof RemoteOrigin && origin.lines === this.#links) return origin.id;
    const known = this.#ids.get(origin);
    if (known !== undefined && this.#own.has(known)) return known;
    this.#sweep(this.#own.size);
    const id = this.#next++;
    this.#ids.set(origin, id);
    this.#own.set(id, origin);
    const before = origin.onCancelled; // of other places
    origin.onCancelled = () => {
      before?.();
      this.#links.cancelled(id);
    };
    return id;
  }

  #add(origin: RemoteOrigin): RemoteOrigin {
    this.#sweep(this.#foreign.size);
    this.#foreign.set(origin.id, new WeakRef(origin));
    return origin;
  }

  /** Lets go of what is over, once there is much. */
  #sweep(size: number): void {
    if (size < this.#sweepAt) return;
    for (const [id, origin] of this.#own) if (!origin.isAlive) this.#own.delete(id);
    for (const [id, origin] of this.#foreign) if (origin.deref() === undefined) this.#foreign.delete(id);
    this.#sweepAt = Math.max(SWEEP, 2 * (this.#own.size + this.#foreign.size));
  }
}

/** The input of a flow of which messages are here, away from the host. Its outputs are counted there, by which they go. */
class RemoteOrigin implements Origin {
  readonly isAlive = true;
  isCancelled = false;
  onCancelled: undefined;

  constructor(
    readonly id: number,
    readonly flow: string,
    readonly lines: NumberedOriginLinks,
  ) {}

  isOpen(): boolean {
    return true;
  }
  enter(): void {}
  withdraw(): void {}

  leave(node: number, error?: AnyRinglineError): void {
    this.lines.messageLeft(this.id, node, error);
  }
}
