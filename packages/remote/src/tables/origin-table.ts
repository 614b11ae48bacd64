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
import { NumberedOrigins } from "./numbered-origins.js";
import { ThreadOrigin } from "./thread-origin.js";

/** Report of a thread to the host about a message that has left a node of a flow. */
export interface LeaveReport {
  /** Number of the shared memory that counts the input; -1: only the host counts it, under the number `slot`. */
  readonly block: number;
  readonly slot: number;
  readonly key: number;
  readonly node: number;
  /** True if the sender has already counted the leave. */
  readonly isCounted: boolean;
}

/** Link of a thread to the host for messages of flows. */
export interface OriginLinks {
  messageLeft(news: LeaveReport, error: AnyRinglineError | undefined): void;
  cancelled(id: number): void;
}

/** In place of a memory number: the input is identified by number. */
const BY_NUMBER = 0xffff_ffff;

/**
 * Origins. Those counted in shared memory are identified by their slot there; the others are owned and counted by the
 * host, and threads identify them by number.
 */
export class OriginTable implements OriginRefs {
  readonly #isHost: boolean;
  readonly #numbered: NumberedOrigins;
  /** On the host: the flows whose inputs are counted in shared memory. */
  readonly #flows = new Map<number, WeakRef<SharedInputs>>();
  /** On a thread: the counts of each flow, and the number of its kernels there. */
  readonly #counts = new Map<number, { readonly counts: SharedCounts; units: number }>();
  readonly #threadLinks: ConstructorParameters<typeof ThreadOrigin>[4];

  constructor(isHost: boolean, lines: OriginLinks) {
    this.#isHost = isHost;
    this.#numbered = new NumberedOrigins(isHost, {
      messageLeft: (slot, node, error) => lines.messageLeft({ block: -1, slot, key: 0, node, isCounted: false }, error),
      cancelled: (id) => lines.cancelled(id),
    });
    const news = ({ block, slot, key }: ThreadOrigin, node: number, isCounted: boolean) =>
      ({ block, slot, key, node, isCounted }) as const;
    this.#threadLinks = {
      noted: (origin, node) => lines.messageLeft(news(origin, node, true), undefined),
      leave: (origin, node, error) => lines.messageLeft(news(origin, node, false), error),
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
      out.word(BY_NUMBER);
      this.#numbered.write(origin, out);
    }
  }

  read(source: ByteReader): Origin | undefined {
    const block = source.word();
    if (block === BY_NUMBER) return this.#numbered.read(source);
    const slot = source.word();
    const key = source.word();
    if (this.#isHost) return this.#at({ block, slot, key });
    return new ThreadOrigin(this.#counts.get(block)?.counts, block, slot, key, this.#threadLinks);
  }

  #at({ block, slot, key }: Pick<LeaveReport, "block" | "slot" | "key">): Origin | undefined {
    return this.#flows
      .get(block)
      ?.deref()
      ?.at(slot, key >>> 1);
  }

  /** Registers, on the host, a flow with stages in threads. */
  host(inputs: SharedInputs): void {
    if (this.#flows.has(inputs.counts.id)) return;
    for (const [id, known] of this.#flows) if (known.deref() === undefined) this.#flows.delete(id);
    this.#flows.set(inputs.counts.id, new WeakRef(inputs));
  }

  /** Registers, on a thread, a kernel of a flow. */
  join(setup: SharedCountsSetup): void {
    const known = this.#counts.get(setup.id);
    if (known !== undefined) known.units++;
    else this.#counts.set(setup.id, { counts: new SharedCounts(setup), units: 1 });
  }

  /** Unregisters a kernel of a flow; the last one releases the memory. */
  disconnect(block: number): void {
    const known = this.#counts.get(block);
    if (known !== undefined && --known.units === 0) this.#counts.delete(block);
  }

  /** The counts of a flow, by its number from 1. */
  wordsOf(flow: number): Int32Array | undefined {
    return this.#flows.get(flow - 1)?.deref()?.counts.words;
  }

  /** Recounts after the loss of a thread, whose last reports may be missing. */
  recount(): void {
    for (const inputs of this.#flows.values()) inputs.deref()?.recount();
  }

  /** Handles the report that a message has left a node. */
  messageLeft(news: LeaveReport, error: AnyRinglineError | undefined): void {
    const { block, slot, key, node, isCounted } = news;
    if (block === -1) this.#numbered.get(slot)?.leave(node, error);
    else if (isCounted)
      this.#flows
        .get(block)
        ?.deref()
        ?.messageLeft(slot, key >>> 1, node);
    else this.#at(news)?.leave(node, error);
  }

  cancelled(id: number): void {
    this.#numbered.cancelled(id);
  }
}
