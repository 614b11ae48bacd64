import { errors, type WaitOptions } from "@ringline/core";
import type { Outlet, StopMode, UnitSpec } from "@ringline/core/backend";
import {
  type AnyMessage,
  type Control,
  errorFromWire,
  type Outcome,
  type PeerRoute,
  RemoteIncarnation,
  releaseReferences,
  reportsOf,
  setupOf,
  thrownFromWire,
  type WireError,
  type WireExit,
} from "@ringline/remote";
import type { ChildConnection } from "./child-connection.js";

/** A message that the child sends, or the number of one that was refused before. */
interface Parcel {
  readonly name: string;
  readonly message: Uint8Array;
  readonly refused?: number;
}

/** One life of a kernel, in a child process of its own, as the host sees it. */
export class ChildIncarnation extends RemoteIncarnation {
  readonly #connection: ChildConnection;
  readonly #released: (line: ChildConnection) => void;
  #isAbandoned = false;
  /** True if the process may run another kernel. */
  #isClean = false;
  /** Error that the process could not catch. */
  #crash: Error | undefined;
  readonly #peers = new Map<string, PeerRoute>();
  /** Messages in flight in the child, by number. */
  readonly #inHand = new Map<number, AnyMessage>();
  #nextTaken = 0;
  /** Outputs that found no capacity at once, by number. */
  readonly #refused = new Map<number, AnyMessage>();
  #nextRefused = 0;

  /** `released`: its kernel has ended, and its process may run another. */
  constructor(spec: UnitSpec, line: ChildConnection, released: (line: ChildConnection) => void) {
    super(spec, (k, given) => line.channel.call({ ...given, k }));
    this.#connection = line;
    this.#released = released;
    this.#listen();
    void line.closed.then((how) => this.#lost(how));
  }

  get place(): string {
    return `process ${this.#connection.pid}`;
  }

  /** Rejects when the kernel cannot be loaded, and when nobody waits for it any more. */
  async begin(signal: AbortSignal): Promise<void> {
    const { calls, index } = this.#connection.channel;
    try {
      await calls.call(index, { ...setupOf(this.spec), k: "begin" }, "launch", { signal }, this.spec.clock);
    } catch (error) {
      this.#connection.kill();
      throw error;
    }
  }

  override async stop(mode: StopMode): Promise<void> {
    if (mode === "abandon") this.#isAbandoned = true;
    await super.stop(mode);
  }

  /** An abandoned body may still run, so its process ends with it; any other process may run the next kernel. */
  protected override ended(): void {
    if (this.#isClean && !this.#isAbandoned) this.#released(this.#connection);
    else this.#connection.kill();
  }

  /** Handles the end of the process, which is a loss unless the incarnation is over. */
  #lost(how: string): void {
    const cause = this.#crash ?? new Error(`its process ended: ${how}`);
    this.lost(new errors.HOST_LOST({ host: this.place, reason: how }, { cause, kernelId: this.spec.kernel.id }));
  }

  /** Does for the kernel in the child what its context needs of the runtime. */
  #listen(): void {
    const { channel } = this.#connection;
    const { input, routes } = this.spec;
    const on = <Given>(k: string, handle: (given: Given, wait: (timeout?: number) => WaitOptions) => unknown) => {
      channel.handlers.on(k, (given: Control & Given, _, serving) => {
        if (this.isOver) throw new errors.TERMINATED({ operation: "send" }, { kernelId: this.spec.kernel.id });
        return handle(given, (timeout) => ({ timeout, signal: serving.signal }));
      });
    };
    on("take", () => this.#take());
    on("watch", () => this.#watch());
    on("settle", ({ id, outcome, attempts }: { id: number; outcome: Outcome; attempts?: number }) => {
      const message = this.#inHand.get(id);
      this.#inHand.delete(id);
      if (message === undefined) return;
      if (outcome !== "requeued") this.sent.forget(message.messageId);
      input.inlet.settle(message, outcome, attempts);
      // the child's dead letter has buffers of its own
      if (outcome === "dead-lettered" || outcome === "expired") releaseReferences(message);
    });
    on("unreadable", (given: { id: number; error: WireError }) => this.#unreadable(given.id, given.error));
    on("tryEmit", (payload: Parcel) =>
      this.#tryPush(routes.output, this.#read(payload), (output) => this.sent.add(output)),
    );
    on("trySend", (payload: Parcel) => {
      const peer = this.#peer(payload.name);
      return this.#tryPush(peer.outlet, peer.check(this.#read(payload)), (sent) => this.sent.addToPeer(sent));
    });
    on("emit", async (payload: Parcel & WaitOptions, wait) => {
      this.sent.add(await this.#push(routes.output, payload, wait(payload.timeout)));
    });
    on("send", async (payload: Parcel & WaitOptions, wait) => {
      this.sent.addToPeer(await this.#push(this.#peer(payload.name).outlet, payload, wait(payload.timeout)));
    });
    on("receive", async ({ name, timeout }: Parcel & WaitOptions, wait) =>
      channel.packForReceiver(await this.#peer(name).receive(wait(timeout))),
    );
    for (const [k, told] of Object.entries(reportsOf(this.spec, channel, (id) => this.#inHand.get(id)))) on(k, told);
    on("crashed", ({ error }: { error: WireError }) => {
      const thrown = thrownFromWire(error);
      this.#crash = thrown instanceof Error ? thrown : new Error(`its process threw ${String(thrown)}`);
    });
    on("exited", (exit: WireExit) => {
      this.#isClean = true;
      this.hasExited(exit);
    });
  }

  #take(): object | undefined {
    const { inlet } = this.spec.input;
    const message = inlet.tryTake();
    if (message === undefined) return undefined;
    const id = this.#nextTaken++;
    this.#inHand.set(id, message);
    return { id, message: this.#connection.channel.pack(message), attempts: inlet.attemptsOf(message) };
  }

  /** True when there is a message now; otherwise the child is told of the next one. */
  #watch(): boolean {
    let isReady = false;
    let isLater = false;
    this.spec.input.inlet.whenReadable(() => {
      isReady = true;
      if (isLater && !this.isOver) this.#connection.channel.send({ k: "readable" });
    });
    isLater = true;
    return isReady;
  }

  /** The child cannot read what it has taken: it never reached the kernel. */
  #unreadable(id: number, wire: WireError): void {
    const message = this.#inHand.get(id);
    if (message === undefined) return;
    this.#inHand.delete(id);
    const attempts = this.spec.input.inlet.attemptsOf(message);
    this.spec.input.inlet.settle(message, "expired");
    const error = errorFromWire(wire);
    this.spec.reports.error(error, message);
    this.spec.reports.deadLetter(message, error, attempts);
  }

  #peer(name: string): PeerRoute {
    const route = this.#peers.get(name) ?? this.spec.routes.peer(name);
    this.#peers.set(name, route);
    return route;
  }

  #read({ message }: Parcel): AnyMessage {
    return this.#connection.channel.read(message, this.spec.kernel.id);
  }

  /**
   * Undefined when it is accepted, now or from an earlier incarnation; otherwise its number: it must be the very same
   * message that is pushed then.
   */
  #tryPush(outlet: Outlet, message: AnyMessage, accepted: (message: AnyMessage) => void): number | undefined {
    if (this.sent.has(message)) return undefined;
    if (outlet.tryPush(message)) {
      accepted(message);
      return undefined;
    }
    const id = this.#nextRefused++;
    this.#refused.set(id, message);
    return id;
  }

  async #push(outlet: Outlet, payload: Parcel, wait: WaitOptions): Promise<AnyMessage> {
    const message = this.#refused.get(payload.refused as number) ?? this.#read(payload);
    this.#refused.delete(payload.refused as number);
    try {
      await outlet.push(message, wait);
      return message;
    } catch (error) {
      releaseReferences(message); // the child has buffers of its own
      throw error;
    }
  }
}
