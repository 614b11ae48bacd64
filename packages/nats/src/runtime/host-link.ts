import { errors } from "@ringline/core";
import type { AnyMessage, Clock } from "@ringline/core/internal";
import { errorFromWire, errorToWire, type WireError } from "@ringline/remote";
import type { Connection } from "../connection.js";
import { Book } from "../wire/book.js";
import { Calls } from "../wire/calls.js";
import { dispatch } from "../wire/dispatch.js";
import { Line, type Said } from "../wire/line.js";
import { fromWire, sendAway, type WireMessage } from "../wire/message.js";
import type { RemoteUnit } from "./remote-unit.js";

/** What the place does for all hosts. */
export interface HostLinkOwner {
  readonly clock: Clock;
  /** An answer came for which nobody waits any more. */
  late(answer: AnyMessage, asked: string, asker: string): void;
  lost(host: HostLink): void;
}

let nextLine = 1;

/** A host that a runtime uses, and the line to it. */
export class HostLink {
  readonly name: string;
  readonly line: Line;
  readonly calls: Calls;
  readonly book: Book;
  readonly units = new Map<number, RemoteUnit>();
  readonly #owner: HostLinkOwner;
  #isKnown = false;

  constructor(name: string, connection: Connection, owner: HostLinkOwner) {
    this.name = name;
    this.#owner = owner;
    const line = new Line({
      id: nextLine++,
      publish: (bytes) => connection.send(name, bytes),
      hear: (said) => this.#orLose(() => this.#hear(said)),
      put: (put) => this.#orLose(() => this.units.get(put.unit)?.heard(put)),
      lost: (reason) => this.lose(reason),
      limit: connection.limit,
    });
    this.line = line;
    this.book = new Book({
      get isClosed() {
        return line.isClosed;
      },
      answer: ({ id, asked, name }, answer) =>
        line.tell("reply", id, asked, name, sendAway(answer, this.book, owner.clock)),
      fail: (id, error) => line.tell("fail", id, errorToWire(error)),
      leave: (id, node, error) => line.tell("leave", id, node, error && errorToWire(error)),
      cancelled: (id) => line.tell("cancelled", id),
    });
    const forUnit = (k: "emit" | "send" | "receive") => (given: { readonly unit: number }, signal: AbortSignal) => {
      const unit = this.units.get(given.unit);
      if (unit === undefined) throw new errors.TERMINATED({ operation: "send" });
      return unit.served[k](given as never, signal);
    };
    this.calls = new Calls(line, { emit: forUnit("emit"), send: forUnit("send"), receive: forUnit("receive") });
  }

  /** What a host says and makes no sense costs its own line. */
  #orLose(hear: () => void): void {
    try {
      hear();
    } catch (error) {
      this.lose(`what it says makes no sense (${(error as Error).message})`);
    }
  }

  #hear([k, id, ...rest]: Said): void {
    if (this.calls.hear(k, id as number, rest)) return;
    const told = this.#told.get(k);
    if (told !== undefined) told(...([id, ...rest] as never[]));
    else this.units.get(id as number)?.hear(k, rest);
  }

  readonly #told = dispatch({
    reply: (id: number, asked: string, name: string, message: WireMessage) => {
      const answer = fromWire(message, this.book, this.#owner.clock);
      if ((this.book.askers.get(id)?.answer(answer) ?? "late") === "late") this.#owner.late(answer, asked, name);
    },
    fail: (id: number, error: WireError) => this.book.askers.get(id)?.fail(errorFromWire(error)),
    late: (asked: string, name: string, message: WireMessage) =>
      this.#owner.late(fromWire(message, this.book, this.#owner.clock), asked, name),
    leave: (id: number, node: number, error: WireError | undefined) => {
      const origin = this.book.origins.get(id);
      if (origin === undefined) return;
      const leave = () => origin.leave(node, error && errorFromWire(error));
      const unit = this.#workerAt(origin.flow, node);
      if (unit === undefined) leave();
      else unit.inOrder(leave);
    },
  });

  #workerAt(flow: string, node: number): RemoteUnit | undefined {
    for (const unit of this.units.values()) if (unit.isWorkerAt(flow, node)) return unit;
    return undefined;
  }

  /** True where it has answered, and was heard in the last so many milliseconds. */
  hasAnswered(lately: number): boolean {
    return this.#isKnown && performance.now() - this.line.heardAt < lately;
  }

  /** Asks whether it is there. */
  async answers(timeout: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, timeout, false);
    });
    const answered = this.calls.ask("synchronise", {}).answer.then(
      () => {
        this.#isKnown = true;
        return true;
      },
      () => false,
    );
    const isThere = await Promise.race([answered, late]);
    clearTimeout(timer);
    return isThere;
  }

  /** A kernel has ended there. */
  forget(unit: RemoteUnit): void {
    this.units.delete(unit.id);
  }

  /** It is silent, has ended, or has given this runtime up. */
  lose(reason: string): void {
    if (this.line.isClosed) return;
    this.line.close();
    const error = () => new errors.HOST_LOST({ host: this.name, reason });
    this.#owner.lost(this);
    for (const unit of [...this.units.values()]) {
      unit.lost(new errors.HOST_LOST({ host: this.name, reason }, { kernelId: unit.spec.kernel.id }));
    }
    this.calls.end(error);
  }
}
