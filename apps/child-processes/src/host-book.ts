import type { AnyRinglineError } from "@ringline/core";
import { type AnyMessage, type Asker, type Lineage, Numbered, type Origin } from "@ringline/remote";
import type { AskerRef, Book, WireLineage } from "./wire-message.js";

/** How the host reaches whoever waits in a child. */
export interface ChildAnswers {
  readonly isClosed: boolean;
  answer(asker: { readonly id: number; readonly asked: string; readonly name: string }, answer: AnyMessage): void;
  fail(id: number, error: AnyRinglineError): void;
}

/** Who waits, and inputs of flows, as the host speaks of them with one child. */
export class HostBook implements Book {
  readonly askers = new Numbered<Asker>(({ waits }) => !waits);
  readonly origins = new Numbered<Origin>(({ isAlive }) => !isAlive);
  readonly #child: ChildAnswers;
  /** One object for each, as long as a message knows it: it remembers whether it was answered. */
  readonly #remote = new Map<number, WeakRef<RemoteAsker>>();
  #sweepAt = 1024;

  constructor(child: ChildAnswers) {
    this.#child = child;
  }

  toWire({ asker, origin }: Lineage): WireLineage {
    return {
      asker: asker && this.#refer(asker),
      origin: origin && { id: this.origins.idOf(origin), flow: origin.flow, isCancelled: origin.isCancelled },
    };
  }

  fromWire({ asker, origin }: WireLineage): Lineage {
    return {
      asker: asker && (asker.isYours ? this.askers.get(asker.id) : this.#resolve(asker)),
      origin: origin && this.origins.get(origin.id),
    };
  }

  #refer(asker: Asker): AskerRef {
    const { asked, name } = asker;
    if (asker instanceof RemoteAsker && asker.child === this.#child)
      return { id: asker.id, isYours: true, asked, name };
    return { id: this.askers.idOf(asker), isYours: false, asked, name };
  }

  #resolve({ id, asked, name }: AskerRef): Asker {
    const known = this.#remote.get(id)?.deref();
    if (known !== undefined) return known;
    if (this.#remote.size >= this.#sweepAt) this.#sweep();
    const asker = new RemoteAsker(id, asked, name, this.#child);
    this.#remote.set(id, new WeakRef(asker));
    return asker;
  }

  #sweep(): void {
    for (const [id, asker] of this.#remote) if (asker.deref() === undefined) this.#remote.delete(id);
    this.#sweepAt = Math.max(1024, 2 * this.#remote.size);
  }
}

/** Whoever waits in a child. Whether an answer is late shows there. */
class RemoteAsker implements Asker {
  readonly isElsewhere = true;
  #isOver = false;
  #wasAnswered = false;

  constructor(
    readonly id: number,
    readonly asked: string,
    readonly name: string,
    readonly child: ChildAnswers,
  ) {}

  get waits(): boolean {
    return !this.#isOver && !this.child.isClosed;
  }

  answer(answer: Parameters<Asker["answer"]>[0]): ReturnType<Asker["answer"]> {
    if (this.#wasAnswered) return "further";
    this.#wasAnswered = true;
    if (this.child.isClosed) return "late";
    this.child.answer(this, answer as AnyMessage);
    this.#isOver = true;
    return "taken";
  }

  fail(error: AnyRinglineError): void {
    if (!this.waits) return;
    this.#isOver = true;
    this.child.fail(this.id, error);
  }
}
