import type { WaitOptions } from "@ringline/core";
import type { CoreServices, Outlet, UnitSpec } from "@ringline/core/backend";
import type { AnyMessage, Asker, Outcome, PeerRoute } from "@ringline/remote";
import { errorFromWire, errorToWire, type WireError } from "@ringline/remote";
import type { ChildLine, Said } from "./child-line.js";
import type { HostBook } from "./host-book.js";
import { fromWire, toWire, type WireMessage } from "./wire-message.js";

/** A message that the child sends, or the number of one that was refused before. */
interface Parcel {
  readonly message: WireMessage;
  readonly refused?: number;
}

/** Does for a kernel in a child what its context needs of the runtime. */
export class UnitServer {
  readonly #unit: UnitSpec;
  readonly #line: ChildLine;
  readonly #book: HostBook;
  readonly #lateReply: CoreServices["lateReply"];
  readonly #peers = new Map<string, PeerRoute>();
  /** What the child has in hand, by number. */
  readonly #inHand = new Map<number, AnyMessage>();
  #nextTaken = 0;
  /** What found no room at once, by number. */
  readonly #refused = new Map<number, AnyMessage>();
  #nextRefused = 0;
  /** What the child waits for, by number. */
  readonly #waits = new Map<number, AbortController>();
  #isClosed = false;

  constructor(unit: UnitSpec, line: ChildLine, book: HostBook, lateReply: CoreServices["lateReply"]) {
    this.#unit = unit;
    this.#line = line;
    this.#book = book;
    this.#lateReply = lateReply;
  }

  /** What is returned is the answer, where the child asks; what is thrown is thrown there. */
  serve(said: Said): unknown {
    return this.#handlers[said.k]?.(said as never);
  }

  /** The incarnation is over: ends its waits. */
  close(): void {
    this.#isClosed = true;
    for (const wait of this.#waits.values()) wait.abort();
  }

  readonly #handlers: Readonly<Record<string, (said: never) => unknown>> = {
    // --- the input ---
    take: () => this.#take(),
    watch: () => this.#watch(),
    settle: ({ id, outcome, attempts }: { id: number; outcome: Outcome; attempts?: number }) => {
      const message = this.#inHand.get(id);
      this.#inHand.delete(id);
      return message !== undefined && this.#unit.input.inlet.settle(message, outcome, attempts);
    },
    // --- the output and the peers ---
    tryEmit: ({ message }: Parcel) => this.#tryPush(this.#unit.routes.output, message),
    emit: (said: Said & Parcel) => this.#push(this.#unit.routes.output, said),
    peer: ({ name }: { name: string }) => this.#peer(name).id,
    check: ({ name, message, value }: { name: string; message?: WireMessage; value?: unknown }) => {
      const given = message === undefined ? value : this.#from(message);
      const checked = this.#peer(name).check(given);
      return checked === given ? undefined : this.#to(checked);
    },
    trySend: ({ name, message }: Parcel & { name: string }) => this.#tryPush(this.#peer(name).outlet, message),
    send: (said: Said & Parcel & { name: string }) => this.#push(this.#peer(said.name).outlet, said),
    receive: (said: Said & { name: string }) =>
      this.#wait(said, async (wait) => this.#to(await this.#peer(said.name).receive(wait))),
    cancel: ({ wait }: { wait: number }) => this.#waits.get(wait)?.abort(),
    // --- lineage ---
    answer: ({ id, message }: { id: number; message: WireMessage }): ReturnType<Asker["answer"]> =>
      this.#book.askers.get(id)?.answer(this.#from(message)) ?? "late",
    fail: ({ id, error }: { id: number; error: WireError }) => this.#book.askers.get(id)?.fail(errorFromWire(error)),
    late: ({ message, asked, name }: { message: WireMessage; asked: string; name: string }) =>
      this.#lateReply(this.#from(message), asked, name),
    leave: ({ id, node, error }: { id: number; node: number; error?: WireError }) =>
      this.#book.origins.get(id)?.leave(node, error && errorFromWire(error)),
    // --- reports ---
    error: ({ error }: { error: WireError }) => this.#unit.reports.error(errorFromWire(error), undefined),
    stalled: () => this.#unit.reports.stalled(),
    deadLetter: ({ message, error, attempts }: { message: WireMessage; error: WireError; attempts: number }) =>
      this.#unit.reports.deadLetter(this.#from(message), errorFromWire(error), attempts),
    checkpoint: ({ state, settles }: { state: unknown; settles: number[] }) => {
      const messages = settles.map((id) => this.#inHand.get(id)).filter((message) => message !== undefined);
      void this.#unit.reports.checkpoint(state, messages);
    },
    log: ({ level, text, fields }: { level: "info"; text: string; fields?: object }) =>
      this.#unit.reports.log(level, text, fields),
  };

  #take(): object | undefined {
    const { inlet } = this.#unit.input;
    const message = inlet.tryTake();
    if (message === undefined) return undefined;
    const id = this.#nextTaken++;
    this.#inHand.set(id, message);
    return { id, message: this.#to(message), attempts: inlet.attemptsOf(message) };
  }

  /** True when there is a message now; otherwise the child is told of the next one. */
  #watch(): boolean {
    let isReady = false;
    let isLater = false;
    this.#unit.input.inlet.whenReadable(() => {
      isReady = true;
      if (isLater && !this.#isClosed) this.#line.tell("readable");
    });
    isLater = true;
    return isReady;
  }

  #peer(name: string): PeerRoute {
    const route = this.#peers.get(name) ?? this.#unit.routes.peer(name);
    this.#peers.set(name, route);
    return route;
  }

  /** Undefined when it is accepted, otherwise its number: it must be the very same message that is pushed then. */
  #tryPush(outlet: Outlet, wire: WireMessage): number | undefined {
    const message = this.#from(wire);
    if (outlet.tryPush(message)) return undefined;
    const id = this.#nextRefused++;
    this.#refused.set(id, message);
    return id;
  }

  #push(outlet: Outlet, said: Said & Parcel): void {
    const message = this.#refused.get(said.refused as number) ?? this.#from(said.message);
    this.#refused.delete(said.refused as number);
    this.#wait(said, (wait) => outlet.push(message, wait));
  }

  /** Does what may take time, and tells the child how it ended. */
  #wait({ wait, timeout }: Said, work: (limit: WaitOptions) => Promise<unknown>): void {
    const id = wait as number;
    const controller = new AbortController();
    this.#waits.set(id, controller);
    const end = (outcome: object) => {
      this.#waits.delete(id);
      this.#line.tell("waited", { wait: id, ...outcome });
    };
    work({ timeout: timeout as number | undefined, signal: controller.signal }).then(
      (value) => end({ value }),
      (error) => end({ error: errorToWire(error) }),
    );
  }

  #to(message: AnyMessage): WireMessage {
    return toWire(message, this.#book, this.#unit.clock);
  }

  #from(message: WireMessage): AnyMessage {
    return fromWire(message, this.#book, this.#unit.clock);
  }
}
