import type { AnyRinglineError } from "@ringline/core";
import type { AnyMessage, Asker } from "@ringline/core/internal";
import type { AskerRef, RequesterRefs } from "../codec/message-codec.js";

/** Connection to requesters elsewhere. */
export interface AskerLines {
  readonly index: number;
  /** True where no answer can be sent any more. */
  readonly isClosed?: boolean;
  /** Takes an answer to whoever asked, elsewhere. Throws `SERIALIZATION`. */
  answer(ref: AskerRef, answer: AnyMessage): void;
  fail(ref: AskerRef, error: AnyRinglineError): void;
}

/** Requests that are known, above which those that are over are looked for. */
const SWEEP = 1024;

/** Requesters: the ones of this place by number, and those of other places as proxies. */
export class RequesterTable implements RequesterRefs {
  readonly #lines: AskerLines;
  readonly #refs = new WeakMap<Asker, AskerRef>();
  readonly #own = new Map<number, Asker>();
  readonly #foreign = new Map<string, WeakRef<RemoteAsker>>();
  #next = 0;
  #sweepAt = SWEEP;

  constructor(lines: AskerLines) {
    this.#lines = lines;
  }

  refer(asker: Asker): AskerRef {
    if (asker instanceof RemoteAsker && asker.lines === this.#lines) return asker.ref;
    let ref = this.#refs.get(asker);
    if (ref === undefined) {
      if (this.#own.size >= this.#sweepAt) this.#sweep();
      ref = { origin: this.#lines.index, id: this.#next++, asked: asker.asked, name: asker.name };
      this.#refs.set(asker, ref);
      this.#own.set(ref.id, asker);
    }
    return ref;
  }

  resolve(ref: AskerRef): Asker {
    if (ref.origin === this.#lines.index) return this.#own.get(ref.id) ?? new FormerAsker(ref);
    const key = `${ref.origin}:${ref.id}`;
    const known = this.#foreign.get(key)?.deref();
    if (known !== undefined) return known;
    if (this.#foreign.size >= this.#sweepAt) this.#sweep();
    const asker = new RemoteAsker(ref, this.#lines);
    this.#foreign.set(key, new WeakRef(asker));
    return asker;
  }

  /** An answer from elsewhere to somebody here. */
  answered(id: number, answer: AnyMessage): ReturnType<Asker["answer"]> {
    const outcome = this.#own.get(id)?.answer(answer) ?? "late";
    this.#own.delete(id);
    return outcome;
  }

  failed(id: number, error: AnyRinglineError): void {
    this.#own.get(id)?.fail(error);
  }

  /** Lets go of those whose wait is over. */
  #sweep(): void {
    for (const [id, asker] of this.#own) if (!asker.waits) this.#own.delete(id);
    for (const [key, asker] of this.#foreign) if (asker.deref() === undefined) this.#foreign.delete(key);
    this.#sweepAt = Math.max(SWEEP, 2 * (this.#own.size + this.#foreign.size));
  }
}

/** A requester in another thread. */
class RemoteAsker implements Asker {
  readonly isElsewhere = true;
  readonly ref: AskerRef;
  /** Of the runtime's threads to which they belong: there may be several sets. */
  readonly lines: AskerLines;
  #wasAnswered = false;
  #isOver = false;

  constructor(ref: AskerRef, lines: AskerLines) {
    this.ref = ref;
    this.lines = lines;
  }

  get asked(): string {
    return this.ref.asked;
  }
  get name(): string {
    return this.ref.name;
  }
  get waits(): boolean {
    return !this.#isOver && this.lines.isClosed !== true;
  }

  /** Whether it is late shows where it was asked. */
  answer(answer: Parameters<Asker["answer"]>[0]): ReturnType<Asker["answer"]> {
    if (this.#wasAnswered) return "further";
    if (this.lines.isClosed) return "late";
    this.lines.answer(this.ref, answer as AnyMessage);
    this.#wasAnswered = true;
    this.#isOver = true;
    return "taken";
  }

  fail(error: AnyRinglineError): void {
    if (!this.waits) return;
    this.#isOver = true;
    this.lines.fail(this.ref, error);
  }
}

/** A requester of this place that does not wait any more. */
class FormerAsker implements Asker {
  readonly asked: string;
  readonly name: string;
  readonly waits = false;
  #wasAnswered = false;

  constructor({ asked, name }: AskerRef) {
    this.asked = asked;
    this.name = name;
  }

  answer(): ReturnType<Asker["answer"]> {
    if (this.#wasAnswered) return "further";
    this.#wasAnswered = true;
    return "late";
  }

  fail(): void {}
}
