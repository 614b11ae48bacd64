import type { UnitSpec } from "@ringline/core/backend";
import type { AnyMessage, Outcome, PeerRoute, StopMode } from "@ringline/core/internal";
import {
  type Channel,
  type Control,
  errorFromWire,
  patiently,
  RemoteIncarnation,
  reportsOf,
  setupOf,
  type UnreadableMessage,
  type WireError,
  type WireExit,
} from "@ringline/remote";
import type { Setup } from "../host/hosted-unit.js";
import { FRESH, REDELIVERY, WAITING } from "../wire/items.js";
import type { ReliableLink } from "../wire/reliable-link.js";
import type { Entry } from "./entries.js";
import type { Mirror, MirroredPort } from "./mirrored-port.js";
import { pushed, UnitOutput } from "./unit-output.js";

/** Host that the unit runs on. */
interface HostRef {
  readonly name: string;
  readonly link: ReliableLink;
  readonly channel: Channel;
  /** Removes a unit that has ended at the host. */
  forget(unit: RemoteUnit): void;
}

/** A request of a kernel to a peer, which may take time. */
interface PeerCall {
  readonly name: string;
  readonly message: Uint8Array;
  readonly timeout: number | undefined;
}

/** One incarnation of a kernel at a host, seen by the runtime. */
export class RemoteUnit extends RemoteIncarnation implements Mirror {
  readonly id: number;
  readonly #host: HostRef;
  readonly #port: MirroredPort;
  readonly #output: UnitOutput;
  readonly #peers = new Map<string, PeerRoute>();
  readonly #handlers: ReadonlyMap<string, (control: never) => void>;

  constructor(id: number, spec: UnitSpec, host: HostRef) {
    super(spec, (k, given) => host.channel.call({ ...given, k, unit: id }));
    this.id = id;
    this.#host = host;
    this.#port = spec.input as MirroredPort;
    this.#output = new UnitOutput(spec, this.sent, (upTo) => host.channel.send({ k: "credit", unit: id, upTo }));
    this.#handlers = new Map<string, (control: never) => void>([
      ...Object.entries(reportsOf(spec, host.channel, (key) => this.#port.messageOf(key))),
      [
        "settled",
        ({ key, outcome, attempts }: { key: number; outcome: Outcome; attempts: number }) => {
          if (!this.sent.isEmpty && outcome !== "requeued") this.sent.forget(this.#port.idOf(key) ?? "");
          this.#port.settled(key, outcome, attempts);
        },
      ],
      ["unparked", () => this.#port.unparked()],
      ["dropped", ({ key }: { key: number }) => this.#port.droppedAt(key)],
      ["unreadable", ({ key, error }: { key: number; error: WireError }) => this.#unreadable(key, error)],
      ["exited", (exit: WireExit) => this.hasExited(exit)],
    ]);
  }

  get place(): string {
    return `host ${this.#host.name}`;
  }

  /** Starts the kernel. Rejects if it cannot be loaded. */
  async begin(): Promise<void> {
    const { capacity, dropsOldest } = this.#port;
    const setup: Setup = { ...setupOf(this.spec), unit: this.id, capacity, dropsOldest };
    await this.#host.channel.call({ ...setup, k: "begin" });
    this.#output.grant();
    await this.#port.attach(this);
    if (this.isOver) this.#port.detach(this);
  }

  override async stop(mode: StopMode): Promise<void> {
    if (!this.isOver && mode !== "finish") this.#output.stop();
    await super.stop(mode);
  }

  // --- the mirror of its port ---

  put({ key, message, attempts, redelivery }: Entry): void {
    this.#send(key, redelivery > 0 ? REDELIVERY : FRESH, attempts, message);
  }

  park(key: number, message: AnyMessage): void {
    this.#send(key, WAITING, 0, message);
  }

  #send(key: number, how: number, attempts: number, message: AnyMessage): void {
    const { link, channel } = this.#host;
    if (!link.isClosed) link.message({ unit: this.id, key, how, attempts }, channel.encode(message));
  }

  async gate(open: boolean): Promise<void> {
    if (open) this.#host.channel.send({ k: "gate", unit: this.id });
    else await this.#call("shut");
  }

  unpark = () => this.#call("unpark");
  clear = () => this.#call("clear");
  synchronise = (heard: () => void) => this.#call("synchronise", heard);

  async #call(k: string, answered?: () => void): Promise<void> {
    await patiently(this.#host.channel.call({ k, unit: this.id }, answered));
  }

  // --- items from the host ---

  /** Handles a control item of the host. Throws for an invalid one. */
  handle(control: Control): void {
    const told = this.#handlers.get(control.k);
    if (told === undefined) throw new Error("unknown word");
    if (control.k === "exited") this.#output.atEnd(() => told(control as never));
    else this.inOrder(() => told(control as never));
  }

  took(key: number): void {
    if (this.#output.isPassing) this.#port.took(key);
    else this.inOrder(() => this.#port.took(key));
  }

  did(from: number, to: number): void {
    this.inOrder(() => {
      this.#port.did(from, to, this.sent.isEmpty ? undefined : (id) => this.sent.forget(id));
    });
  }

  /** Handles an output that was sent on credit. */
  handled(output: AnyMessage): void {
    if (this.#output.isPassing) this.#output.accept(output);
    else this.inOrder(() => this.#output.accept(output));
  }

  /** Handles an output that cannot be decoded. */
  handledUnreadable(fault: UnreadableMessage): void {
    this.inOrder(() => this.#output.unreadable(fault));
  }

  /** Runs `then` in order with the outputs: an input is settled only after its outputs are accepted. */
  inOrder(then: () => void): void {
    this.#output.inOrder(then);
  }

  isWorkerAt(flow: string, node: number): boolean {
    const { assignment, kernel } = this.spec;
    return assignment?.node === node && kernel.id.startsWith(`${flow}.`);
  }

  readonly served = {
    emit: ({ message, timeout }: PeerCall, signal: AbortSignal) =>
      this.#output.emit(this.#read(message), { timeout, signal }),
    send: async ({ name, message, timeout }: PeerCall, signal: AbortSignal) => {
      const peer = this.#peer(name);
      const sent = this.#read(message);
      if (this.sent.has(sent)) return;
      await pushed(peer.outlet, peer.check(sent), { timeout, signal });
      this.sent.addToPeer(sent);
    },
    receive: async ({ name, timeout }: PeerCall, signal: AbortSignal) =>
      this.#host.channel.packForReceiver(await this.#peer(name).receive({ timeout, signal })),
  };

  /** Handles the report that the host could not decode a message to the kernel. */
  #unreadable(key: number, error: WireError): void {
    const unread = this.#port.unreadable(key);
    if (unread === undefined) return;
    const { message, attempts } = unread;
    const fault = errorFromWire(error);
    this.spec.reports.error(fault, message);
    this.spec.reports.deadLetter(message, fault, attempts);
  }

  protected override ended(): void {
    this.#output.stop();
    this.#port.detach(this);
    this.#host.forget(this);
  }

  #peer(name: string): PeerRoute {
    const route = this.#peers.get(name) ?? this.spec.routes.peer(name);
    this.#peers.set(name, route);
    return route;
  }

  #read(message: Uint8Array): AnyMessage {
    return this.#host.channel.read(message, this.spec.kernel.id);
  }
}
