import type { AnyRinglineError } from "@ringline/core";
import type { Incarnation, UnitSpec } from "@ringline/core/backend";
import {
  type AnyMessage,
  type Exit,
  type IncarnationStats,
  NO_LATENCY,
  type Outcome,
  type PeerRoute,
} from "@ringline/core/internal";
import { errorFromWire, type WireError } from "@ringline/remote";
import type { Book } from "../wire/book.js";
import type { Calls } from "../wire/calls.js";
import { dispatch } from "../wire/dispatch.js";
import type { Line } from "../wire/line.js";
import { fromWire, PLAIN, sendAway, toWire, type WireMessage } from "../wire/message.js";
import type { Put } from "../wire/put.js";
import type { Entry } from "./entry.js";
import type { Mirror, MirroredPort } from "./mirrored-port.js";
import type { Parked } from "./parked-senders.js";
import { pushed } from "./pushed.js";
import { UnitOutput } from "./unit-output.js";

/** Milliseconds that a host which is busy gets to answer what nothing depends on. */
const PATIENCE = 1000;

/** The host that it runs on. */
interface ItsHost {
  readonly line: Line;
  readonly calls: Calls;
  readonly book: Book;
  /** It has ended there. */
  forget(unit: RemoteUnit): void;
}

/** What a wait at the host brings along. */
interface Asked {
  readonly name: string;
  readonly message: WireMessage;
  readonly timeout: number | undefined;
}

/** One life of a kernel at a host, as the runtime sees it. */
export class RemoteUnit implements Incarnation, Mirror {
  readonly id: number;
  readonly spec: UnitSpec;
  readonly exited: Promise<Exit>;
  readonly #host: ItsHost;
  readonly #port: MirroredPort;
  readonly #output: UnitOutput;
  readonly #peers = new Map<string, PeerRoute>();
  #exit!: (exit: Exit) => void;
  #isOver = false;
  #stats: IncarnationStats = { sent: 0, errors: 0, attempts: 1, processing: NO_LATENCY, waits: [] };

  constructor(id: number, spec: UnitSpec, host: ItsHost) {
    this.id = id;
    this.spec = spec;
    this.#host = host;
    this.#port = spec.input as MirroredPort;
    this.#output = new UnitOutput(spec, (upTo) => host.line.tell("credit", id, upTo));
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Rejects when the kernel cannot be loaded. */
  async begin(): Promise<void> {
    const { kernel, peers, restored, telemetry, seat, isActive } = this.spec;
    const { id, definedAs, module, supervise, onError } = kernel;
    await this.#call("begin", {
      ...{ id, definedAs, module, supervise, peers, restored, telemetry, seat, isActive },
      capacity: this.#port.capacity,
      // a function stays where it is: the host has the one of the kernel's module
      ...(typeof onError !== "function" && { onError }),
    });
    this.#output.grant();
    await this.#port.attach(this);
    if (this.#isOver) this.#port.detach(this);
  }

  async setActive(active: boolean): Promise<void> {
    await this.#patiently(this.#call("setActive", { active }));
  }

  async stop(mode: "cooperative" | "abandon"): Promise<void> {
    if (this.#isOver) return;
    this.#output.stop();
    const stopped = this.#call("stop", { mode });
    stopped.catch(() => {});
    if (mode === "cooperative") return;
    await this.#patiently(stopped.then(() => this.exited));
    this.end({ kind: "stopped" }); // where it did not answer: nothing of it is heard any more
  }

  async flush(): Promise<void> {
    if (!this.#isOver) await this.#call("flush", {});
  }

  async stats(): Promise<IncarnationStats> {
    if (!this.#isOver) {
      const stats = (await this.#patiently(this.#call("stats", {}))) as IncarnationStats | undefined;
      if (stats !== undefined && !this.#isOver) this.#stats = stats;
    }
    return this.#stats;
  }

  // --- the mirror of its port ---

  put({ key, sent, body, attempts, again }: Entry, limit: number | undefined): void {
    const { line, book } = this.#host;
    const { clock } = this.spec;
    if (body === PLAIN && attempts === 0 && again === 0 && limit === undefined) {
      line.put(this.id, key, sent, book, clock);
    } else {
      line.tell("put", this.id, key, toWire(sent, book, clock, body), attempts, again > 0, limit);
    }
  }

  park(key: number, { message, body }: Parked): void {
    this.#host.line.tell("park", this.id, key, toWire(message, this.#host.book, this.spec.clock, body));
  }

  async unpark(): Promise<void> {
    await this.#patiently(this.#call("unpark", {}));
  }

  async gate(open: boolean): Promise<void> {
    if (open) this.#host.line.tell("gate", this.id);
    else await this.#patiently(this.#call("shut", {}));
  }

  async synchronise(heard: () => void): Promise<void> {
    await this.#patiently(this.#call("synchronise", {}, heard));
  }

  async clear(): Promise<void> {
    await this.#patiently(this.#call("clear", {}));
  }

  // --- what its host tells ---

  /** Throws for what no host says. */
  hear(k: string, rest: readonly unknown[]): void {
    const told = this.#told.get(k);
    if (told === undefined) throw new Error("unknown word");
    if (k !== "exited" && this.#output.isPassing) told(...(rest as never[]));
    else this.#hearInOrder(k, () => told(...(rest as never[])));
  }

  /** An output that came in short. */
  heard({ wire, message }: Put): void {
    const output = message ?? this.#from(wire as WireMessage);
    if (this.#output.isPassing) this.#output.heard(output);
    else this.#output.inOrder(() => this.#output.heard(output));
  }

  #hearInOrder(k: string, told: () => void): void {
    if (k === "exited") this.#output.atEnd(told);
    else this.#output.inOrder(told);
  }

  /** What its host says of it in another way: an input has left it once what it made of that has. */
  inOrder(then: () => void): void {
    this.#output.inOrder(then);
  }

  isWorkerAt(flow: string, node: number): boolean {
    const { seat, kernel } = this.spec;
    return seat?.node === node && kernel.id.startsWith(`${flow}.`);
  }

  readonly #told = dispatch({
    emit: (message: WireMessage) => this.#output.heard(this.#from(message)),
    put: (_: number, message: WireMessage) => this.#output.heard(this.#from(message)),
    took: (key: number) => this.#port.took(key),
    settled: (key: number, outcome: Outcome, attempts: number) => {
      const { published } = this.#output;
      if (published?.isEmpty === false && outcome !== "requeued") published.forget(this.#port.idOf(key) ?? "");
      this.#port.settled(key, outcome, attempts);
    },
    did: (from: number, to: number) => {
      const { published } = this.#output;
      const forget = published?.isEmpty === false ? (id: string) => published.forget(id) : undefined;
      this.#port.did(from, to, forget);
    },
    unparked: () => this.#port.unparked(),
    dropped: (key: number) => this.#port.droppedAt(key),
    error: (error: WireError) => this.spec.reports.error(own(error), undefined),
    stalled: () => this.spec.reports.stalled(),
    deadLetter: (message: WireMessage, error: WireError, attempts: number) =>
      this.spec.reports.deadLetter(this.#from(message), own(error), attempts),
    checkpoint: (state: unknown, settles: readonly number[]) => {
      const messages = settles.map((key) => this.#port.messageOf(key)).filter((one) => one !== undefined);
      void this.spec.reports.checkpoint(state, messages);
    },
    checkpointSettled: () => this.spec.reports.checkpointSettled?.(),
    log: (level: "info", text: string, fields: object | undefined) => this.spec.reports.log(level, text, fields),
    exited: (kind: Exit["kind"], error: WireError | undefined, stats: IncarnationStats) => {
      this.#stats = stats;
      const cause = error && own(error);
      if (cause === undefined) this.end({ kind: kind === "stopped" ? kind : "returned" });
      else this.end(kind === "failed" ? { kind, error: cause } : { kind: "stopped", unfinished: cause });
    },
  });

  /** What its kernel asks for, and may take time. */
  readonly served = {
    emit: ({ message, timeout }: Asked, signal: AbortSignal) =>
      this.#output.emit(this.#from(message), { timeout, signal }),
    send: ({ name, message, timeout }: Asked, signal: AbortSignal) => {
      const peer = this.#peer(name);
      return pushed(peer.outlet, peer.check(this.#from(message)), { timeout, signal });
    },
    receive: async ({ name, timeout }: Asked, signal: AbortSignal) =>
      sendAway(await this.#peer(name).receive({ timeout, signal }), this.#host.book, this.spec.clock),
  };

  /** Its host is lost. */
  lost(error: AnyRinglineError): void {
    if (this.#isOver) return;
    this.#stats = { ...this.#stats, errors: this.#stats.errors + 1, waits: [] };
    this.spec.reports.error(error, undefined);
    this.end({ kind: "failed", error, isBlameless: true });
  }

  end(exit: Exit): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#output.stop();
    this.#port.detach(this);
    this.#host.forget(this);
    this.#exit(exit);
  }

  #peer(name: string): PeerRoute {
    const route = this.#peers.get(name) ?? this.spec.routes.peer(name);
    this.#peers.set(name, route);
    return route;
  }

  #from(message: WireMessage): AnyMessage {
    return fromWire(message, this.#host.book, this.spec.clock);
  }

  #call(k: string, given: object, answered?: () => void): Promise<unknown> {
    return this.#host.calls.ask(k, { ...given, unit: this.id }, answered).answer;
  }

  /** What comes in time; undefined otherwise. */
  #patiently(promise: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE);
      const end = (value: unknown) => {
        clearTimeout(timer);
        resolve(value);
      };
      promise.then(end, () => end(undefined));
    });
  }
}

const own = (error: WireError) => errorFromWire(error);
