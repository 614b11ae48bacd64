import type { AnyRinglineError } from "@ringline/core";
import {
  type AnyMessage,
  type Asker,
  errorToWire,
  type Lineage,
  Numbered,
  type Origin,
  systemClock,
} from "@ringline/remote";
import type { HostLine } from "./host-line.js";
import { type AskerRef, type Book, type OriginRef, toWire, type WireLineage } from "./wire-message.js";

/** Who waits, and inputs of flows, as a child speaks of them with its host. */
export class ChildBook implements Book {
  /** Requests that the kernel has made. */
  readonly askers = new Numbered<Asker>(({ waits }) => !waits);
  readonly #line: HostLine;

  constructor(line: HostLine) {
    this.#line = line;
  }

  toWire({ asker, origin }: Lineage): WireLineage {
    return { asker: asker && this.#refer(asker), origin: origin && (origin as HostOrigin).ref };
  }

  fromWire({ asker, origin }: WireLineage): Lineage {
    return {
      asker: asker && (asker.isYours ? this.askers.get(asker.id) : new HostAsker(asker, this.#line, this)),
      origin: origin && new HostOrigin(origin, this.#line),
    };
  }

  #refer(asker: Asker): AskerRef {
    if (asker instanceof HostAsker) return { ...asker.ref, isYours: true };
    return { id: this.askers.idOf(asker), isYours: false, asked: asker.asked, name: asker.name };
  }
}

/** Whoever waits at the host, or beyond it. */
class HostAsker implements Asker {
  readonly isElsewhere = true;
  readonly asked: string;
  readonly name: string;
  waits = true;

  constructor(
    readonly ref: AskerRef,
    readonly line: HostLine,
    readonly book: Book,
  ) {
    this.asked = ref.asked;
    this.name = ref.name;
  }

  answer(answer: Parameters<Asker["answer"]>[0]): ReturnType<Asker["answer"]> {
    const message = toWire(answer as AnyMessage, this.book, systemClock);
    const outcome = this.line.ask("answer", { id: this.ref.id, message }) as ReturnType<Asker["answer"]>;
    this.waits = false;
    return outcome;
  }

  fail(error: AnyRinglineError): void {
    this.waits = false;
    this.line.tell("fail", { id: this.ref.id, error: errorToWire(error) });
  }
}

/** The input of a flow. The host counts what of it is alive, as every output passes it. */
class HostOrigin implements Origin {
  readonly flow: string;
  /** As it was when the message was taken, which is when it matters. */
  readonly isCancelled: boolean;
  readonly isAlive = true;
  onCancelled: undefined;

  constructor(
    readonly ref: OriginRef,
    readonly line: HostLine,
  ) {
    this.flow = ref.flow;
    this.isCancelled = ref.isCancelled;
  }

  isOpen(): boolean {
    return true;
  }
  enter(): void {}
  withdraw(): void {}
  leave(node: number, error?: AnyRinglineError): void {
    this.line.tell("leave", { id: this.ref.id, node, error: error && errorToWire(error) });
  }
}
