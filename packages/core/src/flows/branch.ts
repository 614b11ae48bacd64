import { hasBuffers, shareReferences, unshareReferences } from "../buffers/references.js";
import { errors } from "../errors/ringline-error.js";
import { workerOf } from "../kernels/keyed.js";
import type { AnyMessage } from "../messages/any-message.js";
import { OrderedGate } from "../ports/ordered-gate.js";
import { isDealtAnew, type KernelInput } from "../runtime/kernel-input.js";
import { macrotask } from "../time/turn.js";
import { remaining, type WaitOptions } from "../time/wait-options.js";
import type { AnyOrigin } from "./flow-origin.js";
import type { FlowServices, Sink } from "./flow-services.js";
import { type Partition, WorkerSink } from "./workers-sink.js";

/** One successor of a node. Runs the functions of host nodes up to the next sinks. */
export interface Branch {
  /** Adds the sinks that take the message. Dead-letters the message if a function throws. */
  collect(message: AnyMessage, into: Sink[]): void;
  /** Names of the next nodes. */
  readonly next: readonly string[];
}

export class SinkBranch implements Branch {
  readonly next: readonly string[];
  constructor(readonly sink: Sink) {
    this.next = sink.name === null ? [] : [sink.name];
  }
  collect(_: AnyMessage, into: Sink[]): void {
    into.push(this.sink);
  }
}

/** Sends messages with the same key to the same worker. */
export class KeyBranch implements Branch, Partition {
  readonly next: readonly string[];
  workers: readonly WorkerSink[] = [];
  /** Held while the number of workers changes. */
  readonly #gate: OrderedGate;
  /** Resolves when the latest change is over. */
  #resumed: Promise<void> = Promise.resolve();
  #resume = () => {};

  constructor(
    readonly name: string,
    readonly key: (message: AnyMessage) => string | number,
    /** Name of the field that is the key; undefined if a function computes the key. */
    readonly field: string | undefined,
    readonly flow: FlowServices,
  ) {
    this.next = [name];
    this.#gate = new OrderedGate(flow.clock, flow.id);
  }

  collect(message: AnyMessage, into: Sink[]): void {
    try {
      into.push(this.#worker(message));
    } catch (thrown) {
      toDeadLetter(message, this.flow.error(thrown, message, this.name), this);
    }
  }

  indexOf(message: AnyMessage, workers: number): number {
    return workerOf(this.key(message), workers);
  }

  #worker(message: AnyMessage): WorkerSink {
    return this.workers[this.indexOf(message, this.workers.length)] as WorkerSink;
  }

  get isHeld(): boolean {
    return this.#gate.isTaken;
  }

  async hold(): Promise<void> {
    await this.#gate.enter();
    this.#resumed = new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  async resume(workers: readonly WorkerSink[]): Promise<void> {
    this.workers = workers;
    this.#resume();
    await new Promise<void>(macrotask); // senders that waited for room at a worker go first
    this.#gate.leave();
  }

  /** Pushes to the worker of the key, behind earlier messages. */
  async push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    const limits = remaining(wait ?? {}, this.flow.clock);
    if (!this.#gate.isTaken) return this.#follow(this.#choose(message, origin, wait), message, origin, limits);
    await this.#gate.enter(wait);
    const pushed = this.#choose(message, origin, limits());
    this.#gate.leave();
    await this.#follow(pushed, message, origin, limits);
  }

  #choose(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    return WorkerSink.prototype.push.call(this.#worker(message), message, origin, wait, true);
  }

  async #follow(
    pushed: Promise<void>,
    message: AnyMessage,
    origin: AnyOrigin,
    limits: () => WaitOptions,
  ): Promise<void> {
    try {
      await pushed;
    } catch (error) {
      if (!isDealtAnew(error)) throw error;
      await this.#resumed;
      await this.#follow(this.#choose(message, origin, limits()), message, origin, limits);
    }
  }
}

/** The worker that takes the messages with some keys. */
export class KeyedWorkerSink extends WorkerSink {
  readonly #branch: KeyBranch;

  constructor(branch: KeyBranch, node: number, outlet: KernelInput) {
    super(branch.name, node, outlet);
    this.#branch = branch;
  }

  override tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    return !this.#branch.isHeld && super.tryPush(message, origin);
  }

  override push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    return this.#branch.push(message, origin, wait);
  }
}

export class FilterBranch implements Branch {
  constructor(
    readonly name: string,
    readonly keep: (message: AnyMessage) => boolean,
    readonly after: readonly Branch[],
    readonly flow: FlowServices,
  ) {}
  get next(): readonly string[] {
    return this.after.flatMap(({ next }) => next);
  }
  collect(message: AnyMessage, into: Sink[]): void {
    try {
      if (!this.keep(message)) return;
    } catch (thrown) {
      toDeadLetter(message, this.flow.error(thrown, message, this.name), this);
      return;
    }
    for (const branch of this.after) branch.collect(message, into);
  }
}

export class RouteBranch implements Branch {
  constructor(
    readonly name: string,
    /** Routes in the order in which they are tried. */
    readonly routes: readonly (readonly [takes: (message: AnyMessage) => boolean, after: readonly Branch[]])[],
    readonly flow: FlowServices,
  ) {}
  get next(): readonly string[] {
    return this.routes.flatMap(([, after]) => after.flatMap(({ next }) => next));
  }
  collect(message: AnyMessage, into: Sink[]): void {
    try {
      for (const [takes, after] of this.routes) {
        if (!takes(message)) continue;
        for (const branch of after) branch.collect(message, into);
        return;
      }
    } catch (thrown) {
      toDeadLetter(message, this.flow.error(thrown, message, this.name), this);
      return;
    }
    const place = { stage: this.name, messageId: message.messageId };
    toDeadLetter(message, new errors.NO_ROUTE({ node: this.name }, place), this);
  }
}

/** Dead-letters a message with its own buffer references: other branches may take the message too. */
function toDeadLetter(message: AnyMessage, error: unknown, { name, flow }: { name: string; flow: FlowServices }): void {
  if (hasBuffers) shareReferences(message, 1);
  flow.deadLetter(message, error, name);
}

/** Sinks that have not accepted a message yet, and whether another one has. */
interface Offer {
  readonly sinks: readonly Sink[];
  readonly isAccepted: boolean;
}

type Refusal = readonly [Sink, unknown];

/**
 * Sends a message to all its successors. The sender waits for the slowest. Once one sink has accepted the message, it
 * is sent: a sink that rejects it, or is still full when the sender's wait ends, leaves a dead letter, so that a retry
 * duplicates nothing. The sender gets an error only if all sinks reject.
 */
export class BroadcastSink implements Sink {
  readonly name = null;
  readonly #branches: readonly Branch[];
  readonly #flow: FlowServices;
  /** Results of `tryPush` for the `push` that follows: functions run once per message. */
  readonly #offers = new Map<AnyMessage, Offer>();

  constructor(branches: readonly Branch[], flow: FlowServices) {
    this.#branches = branches;
    this.#flow = flow;
  }

  get size(): number {
    return this.#branches.length;
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    const sinks = this.#sinksFor(message);
    if (sinks.length === 0) {
      if (hasBuffers) unshareReferences(message, 1);
      return true;
    }
    if (sinks.length > 1) return this.#tryAll(sinks, message, origin);
    if ((sinks[0] as Sink).tryPush(message, origin)) return true;
    this.#offers.set(message, { sinks, isAccepted: false });
    return false;
  }

  async push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    const offer = this.#offers.get(message) ?? this.#offer(message);
    this.#offers.delete(message);
    const { sinks } = offer;
    if (sinks.length === 1 && !offer.isAccepted) return (sinks[0] as Sink).push(message, origin, wait);
    const results = await Promise.allSettled(sinks.map((sink) => sink.push(message, origin, wait)));
    const refused = results.flatMap((result, i) =>
      result.status === "rejected" ? [[sinks[i] as Sink, result.reason] as const] : [],
    );
    if (refused.length === 0) return;
    if (!offer.isAccepted && refused.length === sinks.length) throw refusedByAll(message, refused);
    for (const [sink, error] of refused) this.#flow.deadLetter(message, error, sink.name);
  }

  #offer(message: AnyMessage): Offer {
    const sinks = this.#sinksFor(message);
    if (hasBuffers) shareAmong(sinks, message);
    return { sinks, isAccepted: false };
  }

  #sinksFor(message: AnyMessage): readonly Sink[] {
    const sinks: Sink[] = [];
    for (const branch of this.#branches) branch.collect(message, sinks);
    return sinks;
  }

  #tryAll(sinks: readonly Sink[], message: AnyMessage, origin: AnyOrigin): boolean {
    const full: Sink[] = [];
    const refused: Refusal[] = [];
    if (hasBuffers) shareAmong(sinks, message);
    for (const sink of sinks) {
      try {
        if (!sink.tryPush(message, origin)) full.push(sink);
      } catch (error) {
        refused.push([sink, error]);
      }
    }
    if (refused.length === sinks.length) throw refusedByAll(message, refused);
    for (const [sink, error] of refused) this.#flow.deadLetter(message, error, sink.name);
    if (full.length === 0) return true;
    this.#offers.set(message, { sinks: full, isAccepted: full.length + refused.length < sinks.length });
    return false;
  }
}

/** Adjusts the buffer references of a message: each sink needs its own, one takes the sender's. */
function shareAmong(sinks: readonly Sink[], message: AnyMessage): void {
  if (sinks.length > 1) shareReferences(message, sinks.length - 1);
  else if (sinks.length === 0) unshareReferences(message, 1);
}

/** Returns the error for the sender, which keeps its buffer references. */
function refusedByAll(message: AnyMessage, refused: readonly Refusal[]): unknown {
  if (hasBuffers) unshareReferences(message, refused.length - 1);
  return refused[0]?.[1];
}

/** The sink of these branches: a single branch without a function is used directly. */
export function sinkForBranches(branches: readonly Branch[], flow: FlowServices): Sink {
  const [only] = branches;
  return branches.length === 1 && only instanceof SinkBranch ? only.sink : new BroadcastSink(branches, flow);
}
