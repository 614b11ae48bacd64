import type { AnyRinglineError } from "@ringline/core";
import {
  type Origin,
  SharedCounts,
  type SharedCountsSetup,
  type SharedInputs,
  SharedOrigin,
} from "@ringline/core/internal";
import type { ByteReader } from "../codec/byte-reader.js";
import type { ByteWriter } from "../codec/byte-writer.js";
import type { OriginRefs } from "../codec/message-codec.js";
import { readText, writeText } from "../codec/scalars.js";
import { ThreadOrigin } from "./thread-origin.js";

/** What a thread tells the host of a message that has left a node of a flow. */
export interface LeftReport {
  /** Which memory counts its input; -1: the host alone knows it, by `slot`. */
  readonly block: number;
  readonly slot: number;
  readonly key: number;
  readonly node: number;
  /** It is counted already. */
  readonly isCounted: boolean;
}

/** How a thread tells the host what became of messages of a flow. */
export interface OriginLines {
  left(news: LeftReport, error: AnyRinglineError | undefined): void;
  cancelled(id: number): void;
}

/** OriginTable that are known, above which those that are over are looked for. */
const SWEEP = 1024;
/** In place of the number of a memory: the input is known by number. */
const BY_NUMBER = 0xffff_ffff;

/**
 * The inputs of flows. Those that are counted in shared memory are known by their place there; the others are at home
 * with the host, which counts them, and threads know them by number.
 */
export class OriginTable implements OriginRefs {
  readonly #isHost: boolean;
  readonly #lines: OriginLines;
  readonly #ids = new WeakMap<Origin, number>();
  readonly #own = new Map<number, Origin>();
  readonly #foreign = new Map<number, WeakRef<RemoteOrigin>>();
  /** Of the host: the flows whose inputs are counted in shared memory. */
  readonly #flows = new Map<number, WeakRef<SharedInputs>>();
  /** Of a thread: the same, and how many kernels there belong to each. */
  readonly #counts = new Map<number, { readonly counts: SharedCounts; units: number }>();
  readonly #threadLines: ConstructorParameters<typeof ThreadOrigin>[4];
  #next = 0;
  #sweepAt = SWEEP;

  constructor(isHost: boolean, lines: OriginLines) {
    this.#isHost = isHost;
    this.#lines = lines;
    const news = ({ block, slot, key }: ThreadOrigin, node: number, isCounted: boolean) =>
      ({ block, slot, key, node, isCounted }) as const;
    this.#threadLines = {
      noted: (origin, node) => lines.left(news(origin, node, true), undefined),
      leave: (origin, node, error) => lines.left(news(origin, node, false), error),
    };
  }

  write(origin: Origin, out: ByteWriter): void {
    if (origin instanceof SharedOrigin && origin.slot >= 0 && origin.isAlive) {
      out.word(origin.inputs.counts.id);
      out.word(origin.slot);
      out.word((origin.input << 1) | origin.generation);
    } else if (origin instanceof ThreadOrigin) {
      out.word(origin.block);
      out.word(origin.slot);
      out.word(origin.key);
    } else {
      const { id, flow } = this.#refer(origin);
      out.word(BY_NUMBER);
      out.word(id);
      writeText(out, flow);
    }
  }

  read(source: ByteReader): Origin | undefined {
    const block = source.word();
    const slot = source.word();
    if (block === BY_NUMBER) return this.#resolve(slot, readText(source));
    const key = source.word();
    if (this.#isHost) return this.#at({ block, slot, key });
    return new ThreadOrigin(this.#counts.get(block)?.counts, block, slot, key, this.#threadLines);
  }

  #at({ block, slot, key }: Pick<LeftReport, "block" | "slot" | "key">): Origin | undefined {
    return this.#flows
      .get(block)
      ?.deref()
      ?.at(slot, key >>> 1);
  }

  /** The host has stages of a flow here. */
  host(inputs: SharedInputs): void {
    if (this.#flows.has(inputs.counts.id)) return;
    for (const [id, known] of this.#flows) if (known.deref() === undefined) this.#flows.delete(id);
    this.#flows.set(inputs.counts.id, new WeakRef(inputs));
  }

  /** A kernel in this thread belongs to a flow. */
  join(setup: SharedCountsSetup): void {
    const known = this.#counts.get(setup.id);
    if (known !== undefined) known.units++;
    else this.#counts.set(setup.id, { counts: new SharedCounts(setup), units: 1 });
  }

  /** It has ended. */
  part(block: number): void {
    const known = this.#counts.get(block);
    if (known !== undefined && --known.units === 0) this.#counts.delete(block);
  }

  /** The counts of a flow, by its number from 1. */
  wordsOf(flow: number): Int32Array | undefined {
    return this.#flows.get(flow - 1)?.deref()?.counts.words;
  }

  /** A thread is lost, and with it what it had to tell. */
  recount(): void {
    for (const inputs of this.#flows.values()) inputs.deref()?.recount();
  }

  #refer(origin: Origin): RemoteOrigin | { readonly id: number; readonly flow: string } {
    if (origin instanceof RemoteOrigin && origin.lines === this.#lines) return origin;
    let id = this.#ids.get(origin);
    if (id === undefined || !this.#own.has(id)) {
      if (this.#own.size >= this.#sweepAt) this.#sweep();
      id = this.#next++;
      this.#ids.set(origin, id);
      this.#own.set(id, origin);
      const known = id;
      origin.onCancelled = () => this.#lines.cancelled(known);
    }
    return { id, flow: origin.flow };
  }

  #resolve(id: number, flow: string): Origin | undefined {
    if (this.#isHost) return this.#own.get(id);
    const known = this.#foreign.get(id)?.deref();
    if (known !== undefined) return known;
    if (this.#foreign.size >= this.#sweepAt) this.#sweep();
    const origin = new RemoteOrigin(id, flow, this.#lines);
    this.#foreign.set(id, new WeakRef(origin));
    return origin;
  }

  /** A message is settled elsewhere. */
  left(news: LeftReport, error: AnyRinglineError | undefined): void {
    const { block, slot, key, node, isCounted } = news;
    if (block === -1) this.#own.get(slot)?.leave(node, error);
    else if (isCounted)
      this.#flows
        .get(block)
        ?.deref()
        ?.left(slot, key >>> 1, node);
    else this.#at(news)?.leave(node, error);
  }

  cancelled(id: number): void {
    const origin = this.#foreign.get(id)?.deref();
    if (origin !== undefined) origin.isCancelled = true;
  }

  /** Lets go of what is over. */
  #sweep(): void {
    for (const [id, origin] of this.#own) if (!origin.isAlive) this.#own.delete(id);
    for (const [id, origin] of this.#foreign) if (origin.deref() === undefined) this.#foreign.delete(id);
    this.#sweepAt = Math.max(SWEEP, 2 * (this.#own.size + this.#foreign.size));
  }
}

/** The input of a flow of which messages are here, in a thread. Its outputs are counted by the host, by which they go. */
class RemoteOrigin implements Origin {
  readonly isAlive = true;
  isCancelled = false;
  onCancelled: undefined;

  constructor(
    readonly id: number,
    readonly flow: string,
    readonly lines: OriginLines,
  ) {}

  isOpen(): boolean {
    return true;
  }

  enter(): void {}
  withdraw(): void {}

  leave(node: number, error?: AnyRinglineError): void {
    this.lines.left({ block: -1, slot: this.id, key: 0, node, isCounted: false }, error);
  }
}
