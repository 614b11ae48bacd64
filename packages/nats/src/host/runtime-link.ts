import { errors } from "@ringline/core";
import { type KernelDefinition, systemClock } from "@ringline/core/internal";
import { errorFromWire, errorToWire, type WireError } from "@ringline/remote";
import type { Connection } from "../connection.js";
import { Book } from "../wire/book.js";
import { Calls } from "../wire/calls.js";
import { dispatch } from "../wire/dispatch.js";
import { Line, type Said } from "../wire/line.js";
import { fromWire, sendAway, type WireMessage } from "../wire/message.js";
import { Put } from "../wire/put.js";
import { HostedUnit, type Setup } from "./hosted-unit.js";
import type { LocalPlace } from "./local-place.js";

/** What a host does for the runtimes that use it. */
export interface RuntimeLinkOwner {
  /** Where kernels run. */
  readonly place: LocalPlace;
  /** Rejects with `MODULE_MISSING` for what it was not started with. */
  load(module: string | undefined, definedAs: string): Promise<KernelDefinition>;
  /** A kernel has begun, or ended. */
  changed(): void;
  ended(link: RuntimeLink): void;
}

type OfUnit = { readonly unit: number };

/** A runtime that uses this host, and the line to it. */
export class RuntimeLink {
  readonly name: string;
  readonly line: Line;
  readonly calls: Calls;
  readonly book: Book;
  readonly units = new Map<number, HostedUnit>();
  readonly #owner: RuntimeLinkOwner;

  constructor(name: string, id: number, connection: Connection, owner: RuntimeLinkOwner) {
    this.name = name;
    this.#owner = owner;
    const line = new Line({
      id,
      publish: (bytes) => connection.send(name, bytes),
      hear: (said) => this.#orEnd(() => this.#hear(said)),
      put: (put) => this.#orEnd(() => this.units.get(put.unit)?.inlet.put(put, false, undefined)),
      lost: () => void this.end(),
      limit: connection.limit,
    });
    this.line = line;
    this.book = new Book({
      get isClosed() {
        return line.isClosed;
      },
      answer: ({ id, asked, name }, answer) =>
        line.tell("reply", id, asked, name, sendAway(answer, this.book, systemClock)),
      fail: (id, error) => line.tell("fail", id, errorToWire(error)),
      leave: (id, node, error) => line.tell("leave", id, node, error && errorToWire(error)),
      cancelled: (id) => line.tell("cancelled", id),
    });
    const incarnation = ({ unit }: OfUnit) => this.units.get(unit)?.incarnation;
    this.calls = new Calls(line, {
      begin: (setup: Setup) => this.#begin(setup),
      setActive: (given: OfUnit & { active: boolean }) => incarnation(given)?.setActive(given.active),
      stop: (given: OfUnit & { mode: "cooperative" | "abandon" }) => incarnation(given)?.stop(given.mode),
      flush: (given: OfUnit) => incarnation(given)?.flush(),
      stats: async (given: OfUnit) => {
        await new Promise(setImmediate); // what came before has its effect first
        return incarnation(given)?.stats();
      },
      unpark: ({ unit }: OfUnit) => this.units.get(unit)?.inlet.unpark(),
      shut: ({ unit }: OfUnit) => this.units.get(unit)?.inlet.gate(false),
      clear: ({ unit }: OfUnit) => this.units.get(unit)?.inlet.clear(),
      synchronise: () => {},
    });
  }

  async #begin(setup: Setup): Promise<void> {
    const kernel = await this.#owner.load(setup.module, setup.definedAs);
    if (this.line.isClosed) return;
    const unit = await HostedUnit.begin(kernel, setup, this, this.#owner.place);
    if (this.line.isClosed) return unit.incarnation.stop("abandon");
    this.units.set(setup.unit, unit);
    void unit.tellExit();
    this.#owner.changed();
  }

  /** What a runtime says and makes no sense costs its own line. */
  #orEnd(hear: () => void): void {
    try {
      hear();
    } catch {
      void this.end();
    }
  }

  #hear([k, id, ...rest]: Said): void {
    if (this.calls.hear(k, id as number, rest)) return;
    const told = this.#told.get(k);
    if (told === undefined) throw new Error("unknown word");
    told(...([id, ...rest] as never[]));
  }

  readonly #told = dispatch({
    put: (unit: number, key: number, wire: WireMessage, attempts?: number, isAgain?: boolean, limit?: number) =>
      this.units
        .get(unit)
        ?.inlet.put(new Put(unit, key, wire.priority, wire, undefined, attempts), isAgain === true, limit),
    park: (unit: number, key: number, wire: WireMessage) =>
      this.units.get(unit)?.inlet.park(new Put(unit, key, wire.priority, wire, undefined)),
    credit: (unit: number, upTo: number) => this.units.get(unit)?.output.grant(upTo),
    gate: (unit: number) => this.units.get(unit)?.inlet.gate(true),
    reply: (id: number, asked: string, name: string, message: WireMessage) => {
      const answer = fromWire(message, this.book, systemClock);
      const outcome = this.book.askers.get(id)?.answer(answer) ?? "late";
      if (outcome === "late") this.line.tell("late", asked, name, sendAway(answer, this.book, systemClock));
    },
    fail: (id: number, error: WireError) => this.book.askers.get(id)?.fail(errorFromWire(error)),
    cancelled: (id: number) => this.book.cancelled(id),
    bye: () => void this.end(),
  });

  forget(unit: number): void {
    this.units.delete(unit);
    this.#owner.changed();
  }

  /** The runtime is gone, or has given this host up: what runs here for it has no effect any more. */
  async end(): Promise<void> {
    if (this.line.isClosed) return;
    this.line.close();
    this.#owner.ended(this);
    this.calls.end(() => new errors.TERMINATED({ operation: "send" }));
    await Promise.all([...this.units.values()].map(({ incarnation }) => incarnation.stop("abandon")));
    this.units.clear();
  }
}
