import type { AnyRinglineError } from "@ringline/core";
import type { Origin } from "@ringline/core/internal";
import type { ByteReader } from "../codec/byte-reader.js";
import type { ByteWriter } from "../codec/byte-writer.js";
import type { OriginRefs } from "../codec/message-codec.js";
import { readText, writeText } from "../codec/scalars.js";

/** Links to other places for the inputs of flows. */
export interface NumberedOriginLinks {
  /** Reports to the host that a message has left a node. */
  messageLeft(id: number, node: number, error: AnyRinglineError | undefined): void;
  /** Notifies the other places that the host has cancelled an input. */
  cancelled(id: number): void;
}

/** Number of known origins above which ended ones are removed. */
const SWEEP = 1024;

/** Origins by number. The host owns them and counts their messages in flight; other places hold proxies. */
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

  /** An origin of the host; undefined if it has no live messages. */
  get(id: number): Origin | undefined {
    return this.#own.get(id);
  }

  /** Handles the cancellation of an input by the host. */
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
    const before = origin.onCancelled; // of links to other places
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

  /** Removes ended origins once there are many. */
  #sweep(size: number): void {
    if (size < this.#sweepAt) return;
    for (const [id, origin] of this.#own) if (!origin.isAlive) this.#own.delete(id);
    for (const [id, origin] of this.#foreign) if (origin.deref() === undefined) this.#foreign.delete(id);
    this.#sweepAt = Math.max(SWEEP, 2 * (this.#own.size + this.#foreign.size));
  }
}

/** Proxy of an origin, away from the host: the host counts the outputs of its messages, which pass through it. */
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
