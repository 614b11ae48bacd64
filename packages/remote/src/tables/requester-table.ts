import type { AnyRinglineError } from "@ringline/core";
import type { AnyMessage, Requester } from "@ringline/core/internal";
import type { RequesterRef, RequesterRefs } from "../codec/message-codec.js";

/** Links to requesters in other places. */
export interface RequesterLinks {
  readonly index: number;
  /** True once no answer can be sent. */
  readonly isClosed?: boolean;
  /** Sends an answer to a requester elsewhere. Throws `SERIALIZATION`. */
  answer(ref: RequesterRef, answer: AnyMessage): void;
  fail(ref: RequesterRef, error: AnyRinglineError): void;
}

/** Number of known requests above which ended ones are removed. */
const SWEEP = 1024;

/** Request table: requesters of this place by number, and proxies for those of other places. */
export class RequesterTable implements RequesterRefs {
  readonly #links: RequesterLinks;
  readonly #refs = new WeakMap<Requester, RequesterRef>();
  readonly #own = new Map<number, Requester>();
  readonly #foreign = new Map<string, WeakRef<RemoteRequester>>();
  #next = 0;
  #sweepAt = SWEEP;

  constructor(lines: RequesterLinks) {
    this.#links = lines;
  }

  refer(requester: Requester): RequesterRef {
    if (requester instanceof RemoteRequester && requester.links === this.#links) return requester.ref;
    let ref = this.#refs.get(requester);
    if (ref === undefined) {
      if (this.#own.size >= this.#sweepAt) this.#sweep();
      const { responder, name, asked } = requester;
      ref = { origin: this.#links.index, id: this.#next++, responder, name, asked };
      this.#refs.set(requester, ref);
      this.#own.set(ref.id, requester);
    }
    return ref;
  }

  resolve(ref: RequesterRef): Requester {
    if (ref.origin === this.#links.index) return this.#own.get(ref.id) ?? new FormerRequester(ref);
    const key = `${ref.origin}:${ref.id}`;
    const known = this.#foreign.get(key)?.deref();
    if (known !== undefined) return known;
    if (this.#foreign.size >= this.#sweepAt) this.#sweep();
    const requester = new RemoteRequester(ref, this.#links);
    this.#foreign.set(key, new WeakRef(requester));
    return requester;
  }

  /** Delivers an answer from elsewhere to its requester here. */
  answered(id: number, answer: AnyMessage): ReturnType<Requester["answer"]> {
    const outcome = this.#own.get(id)?.answer(answer) ?? "late";
    this.#own.delete(id);
    return outcome;
  }

  failed(id: number, error: AnyRinglineError): void {
    this.#own.get(id)?.fail(error);
  }

  /** Removes requesters that have stopped waiting. */
  #sweep(): void {
    for (const [id, requester] of this.#own) if (!requester.waits) this.#own.delete(id);
    for (const [key, requester] of this.#foreign) if (requester.deref() === undefined) this.#foreign.delete(key);
    this.#sweepAt = Math.max(SWEEP, 2 * (this.#own.size + this.#foreign.size));
  }
}

/** Proxy of a requester in another place. */
class RemoteRequester implements Requester {
  readonly isElsewhere = true;
  readonly ref: RequesterRef;
  /** Links of its runtime: a process may have several runtimes. */
  readonly links: RequesterLinks;
  #wasAnswered = false;
  #isOver = false;

  constructor(ref: RequesterRef, lines: RequesterLinks) {
    this.ref = ref;
    this.links = lines;
  }

  get responder(): string {
    return this.ref.responder;
  }
  get name(): string {
    return this.ref.name;
  }
  get asked(): string {
    return this.ref.asked;
  }
  get isAnswered(): boolean {
    return this.#wasAnswered;
  }
  get waits(): boolean {
    return !this.#isOver && this.links.isClosed !== true;
  }

  /** Sends the answer. Whether it is late is decided where the requester is. */
  answer(answer: Parameters<Requester["answer"]>[0]): ReturnType<Requester["answer"]> {
    if (this.#wasAnswered) return "further";
    if (this.links.isClosed) return "late";
    this.links.answer(this.ref, answer as AnyMessage);
    this.#wasAnswered = true;
    this.#isOver = true;
    return "taken";
  }

  fail(error: AnyRinglineError): void {
    if (!this.waits) return;
    this.#isOver = true;
    this.links.fail(this.ref, error);
  }
}

/** A requester of this place that has stopped waiting. */
class FormerRequester implements Requester {
  readonly responder: string;
  readonly name: string;
  readonly asked: string;
  readonly waits = false;
  #wasAnswered = false;

  constructor({ responder, name, asked }: RequesterRef) {
    this.responder = responder;
    this.name = name;
    this.asked = asked;
  }

  get isAnswered(): boolean {
    return this.#wasAnswered;
  }

  answer(): ReturnType<Requester["answer"]> {
    if (this.#wasAnswered) return "further";
    this.#wasAnswered = true;
    return "late";
  }

  fail(): void {}
}
