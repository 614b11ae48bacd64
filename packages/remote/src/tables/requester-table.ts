import type { AnyRinglineError } from "@ringline/core";
import type { AnyMessage, Requester } from "@ringline/core/internal";
import type { RequesterRef, RequesterRefs } from "../codec/message-codec.js";

/** Connection to requesters elsewhere. */
export interface RequesterLinks {
  readonly index: number;
  /** True where no answer can be sent any more. */
  readonly isClosed?: boolean;
  /** Takes an answer to whoever asked, elsewhere. Throws `SERIALIZATION`. */
  answer(ref: RequesterRef, answer: AnyMessage): void;
  fail(ref: RequesterRef, error: AnyRinglineError): void;
}

/** Requests that are known, above which those that are over are looked for. */
const SWEEP = 1024;

/** Requesters: the ones of this place by number, and those of other places as proxies. */
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
      ref = { origin: this.#links.index, id: this.#next++, responder: requester.responder, name: requester.name };
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

  /** An answer from elsewhere to somebody here. */
  answered(id: number, answer: AnyMessage): ReturnType<Requester["answer"]> {
    const outcome = this.#own.get(id)?.answer(answer) ?? "late";
    this.#own.delete(id);
    return outcome;
  }

  failed(id: number, error: AnyRinglineError): void {
    this.#own.get(id)?.fail(error);
  }

  /** Lets go of those whose wait is over. */
  #sweep(): void {
    for (const [id, requester] of this.#own) if (!requester.waits) this.#own.delete(id);
    for (const [key, requester] of this.#foreign) if (requester.deref() === undefined) this.#foreign.delete(key);
    this.#sweepAt = Math.max(SWEEP, 2 * (this.#own.size + this.#foreign.size));
  }
}

/** A requester in another thread. */
class RemoteRequester implements Requester {
  readonly isElsewhere = true;
  readonly ref: RequesterRef;
  /** Of the runtime's threads to which they belong: there may be several sets. */
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
  get waits(): boolean {
    return !this.#isOver && this.links.isClosed !== true;
  }

  /** Whether it is late shows where it was asked. */
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

/** A requester of this place that does not wait any more. */
class FormerRequester implements Requester {
  readonly responder: string;
  readonly name: string;
  readonly waits = false;
  #wasAnswered = false;

  constructor({ responder, name }: RequesterRef) {
    this.responder = responder;
    this.name = name;
  }

  answer(): ReturnType<Requester["answer"]> {
    if (this.#wasAnswered) return "further";
    this.#wasAnswered = true;
    return "late";
  }

  fail(): void {}
}
