import type { AnyRinglineError } from "@ringline/core";
import { type AnyMessage, type Asker, type Lineage, Numbered, type Origin } from "@ringline/core/internal";

/** Who waits for an answer: known by a number to the end of the line where it waits. */
export interface AskerRef {
  readonly id: number;
  readonly isYours: boolean;
  readonly asked: string;
  readonly name: string;
}

/** The input of a flow: known by a number to the runtime. */
export interface OriginRef {
  readonly id: number;
  readonly isYours: boolean;
  readonly flow: string;
  readonly isCancelled: boolean;
}

export interface WireLineage {
  readonly asker?: AskerRef | undefined;
  readonly origin?: OriginRef | undefined;
}

/** How the other end is told what became of what it waits for. */
export interface BookLines {
  readonly isClosed: boolean;
  answer(ref: { readonly id: number; readonly asked: string; readonly name: string }, answer: AnyMessage): void;
  fail(id: number, error: AnyRinglineError): void;
  leave(id: number, node: number, error: AnyRinglineError | undefined): void;
  cancelled(id: number): void;
}

/** How one end of a line speaks of what cannot travel: who waits, and inputs of flows. */
export class Book {
  readonly askers = new Numbered<Asker>(({ waits }) => !waits);
  readonly origins = new Numbered<Origin>(({ isAlive }) => !isAlive);
  readonly #lines: BookLines;
  readonly #remoteAskers = new Remote<RemoteAsker>();
  readonly #remoteOrigins = new Remote<RemoteOrigin>();

  constructor(lines: BookLines) {
    this.#lines = lines;
  }

  toWire({ asker, origin }: Lineage): WireLineage {
    return { asker: asker && this.#referAsker(asker), origin: origin && this.#referOrigin(origin) };
  }

  fromWire({ asker, origin }: WireLineage): Lineage {
    return {
      asker: asker && (asker.isYours ? this.askers.get(asker.id) : this.#remoteAsker(asker)),
      origin: origin && (origin.isYours ? this.origins.get(origin.id) : this.#remoteOrigin(origin)),
    };
  }

  /** The other end says that nobody wants it any more. */
  cancelled(id: number): void {
    const origin = this.#remoteOrigins.get(id);
    if (origin !== undefined) origin.isCancelled = true;
  }

  #referAsker(asker: Asker): AskerRef {
    const { asked, name } = asker;
    if (asker instanceof RemoteAsker && asker.lines === this.#lines)
      return { id: asker.id, isYours: true, asked, name };
    return { id: this.askers.idOf(asker), isYours: false, asked, name };
  }

  #referOrigin(origin: Origin): OriginRef {
    const { flow, isCancelled } = origin;
    if (origin instanceof RemoteOrigin && origin.lines === this.#lines) {
      return { id: origin.id, isYours: true, flow, isCancelled };
    }
    const id = this.origins.idOf(origin);
    if (!isCancelled) {
      const before = origin.onCancelled;
      if (before === undefined || !(before as Watching).books?.has(this)) {
        const books = new Set((before as Watching | undefined)?.books).add(this);
        origin.onCancelled = Object.assign(
          () => {
            before?.();
            this.#lines.cancelled(id);
          },
          { books },
        );
      }
    }
    return { id, isYours: false, flow, isCancelled };
  }

  #remoteAsker({ id, asked, name }: AskerRef): Asker {
    return this.#remoteAskers.get(id) ?? this.#remoteAskers.add(new RemoteAsker(id, asked, name, this.#lines));
  }

  #remoteOrigin({ id, flow, isCancelled }: OriginRef): Origin {
    const origin = this.#remoteOrigins.get(id) ?? this.#remoteOrigins.add(new RemoteOrigin(id, flow, this.#lines));
    if (isCancelled) origin.isCancelled = true;
    return origin;
  }
}

/** The books that are told when an origin is cancelled. */
type Watching = (() => void) & { readonly books?: ReadonlySet<Book> };

/** One object for each thing of the other end, as long as a message knows it. */
class Remote<T extends { readonly id: number }> {
  readonly #known = new Map<number, WeakRef<T>>();
  #sweepAt = 1024;

  get(id: number): T | undefined {
    return this.#known.get(id)?.deref();
  }

  add(one: T): T {
    if (this.#known.size >= this.#sweepAt) {
      for (const [id, known] of this.#known) if (known.deref() === undefined) this.#known.delete(id);
      this.#sweepAt = Math.max(1024, 2 * this.#known.size);
    }
    this.#known.set(one.id, new WeakRef(one));
    return one;
  }
}

/** Whoever waits at the other end. Whether an answer is late shows there. */
class RemoteAsker implements Asker {
  readonly isElsewhere = true;
  #isOver = false;
  #wasAnswered = false;

  constructor(
    readonly id: number,
    readonly asked: string,
    readonly name: string,
    readonly lines: BookLines,
  ) {}

  get waits(): boolean {
    return !this.#isOver && !this.lines.isClosed;
  }

  answer(answer: Parameters<Asker["answer"]>[0]): ReturnType<Asker["answer"]> {
    if (this.#wasAnswered) return "further";
    if (this.lines.isClosed) return "late";
    this.lines.answer(this, answer as AnyMessage);
    this.#wasAnswered = true;
    this.#isOver = true;
    return "taken";
  }

  fail(error: AnyRinglineError): void {
    if (!this.waits) return;
    this.#isOver = true;
    this.lines.fail(this.id, error);
  }
}

/** The input of a flow, at a host. Its outputs are counted by the runtime, by which they go. */
class RemoteOrigin implements Origin {
  readonly isAlive = true;
  isCancelled = false;
  onCancelled: undefined;

  constructor(
    readonly id: number,
    readonly flow: string,
    readonly lines: BookLines,
  ) {}

  isOpen(): boolean {
    return true;
  }
  enter(): void {}
  withdraw(): void {}
  leave(node: number, error?: AnyRinglineError): void {
    this.lines.leave(this.id, node, error);
  }
}
