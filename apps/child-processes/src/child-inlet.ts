import type { Inlet } from "@ringline/core/backend";
import { type AnyMessage, type Outcome, systemClock } from "@ringline/remote";
import type { HostLine } from "./host-line.js";
import { type Book, fromWire, type WireMessage } from "./wire-message.js";

interface Taken {
  readonly id: number;
  readonly message: WireMessage;
  readonly attempts: number;
}

/** The input of the kernel. The port is with the host: each message is asked for when the kernel takes it. */
export class ChildInlet implements Inlet {
  readonly #line: HostLine;
  readonly #book: Book;
  readonly #inHand = new Map<AnyMessage, Taken>();
  #reader: (() => void) | undefined;

  constructor(line: HostLine, book: Book) {
    this.#line = line;
    this.#book = book;
  }

  tryTake(): AnyMessage | undefined {
    const taken = this.#line.ask("take") as Taken | undefined;
    if (taken === undefined) return undefined;
    const message = fromWire(taken.message, this.#book, systemClock);
    this.#inHand.set(message, taken);
    return message;
  }

  whenReadable(callback: () => void): void {
    this.#reader = callback;
    if (this.#line.ask("watch")) this.readable();
  }

  /** There is a message to take. */
  readable(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.();
  }

  settle(message: AnyMessage, outcome: Outcome, attempts?: number): boolean {
    const taken = this.#inHand.get(message);
    if (taken === undefined) return false;
    this.#inHand.delete(message);
    this.#line.tell("settle", { id: taken.id, outcome, attempts });
    return true;
  }

  attemptsOf(message: AnyMessage): number {
    return this.#inHand.get(message)?.attempts ?? 0;
  }

  /** How the host knows what is in hand. */
  idOf(message: AnyMessage): number | undefined {
    return this.#inHand.get(message)?.id;
  }
}
