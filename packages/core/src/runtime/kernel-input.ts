import { giveReferences, hasBuffers, isOnDevice, readBack } from "../buffers/references.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import { ACCEPTED } from "../ports/memory-port.js";
import { OrderedGate } from "../ports/ordered-gate.js";
import type { Place } from "../seam/backend.js";
import type { Inlet, Port, PortStats, Refused, Unsettled } from "../seam/port.js";
import type { RoomyOutlet } from "../seam/routes.js";
import type { Ledger } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";
import { macrotask } from "../time/turn.js";
import { remaining, type WaitOptions } from "../time/wait-options.js";
import type { ScheduledMessages } from "./scheduled-messages.js";

/** The input port of a kernel, and the place that opened it. */
export interface PlacedPort {
  readonly port: Port;
  readonly place: Place;
  /** The name of the backend. */
  readonly backend: string;
  /** True if messages are passed by reference, so that buffers on devices are reachable. */
  readonly isHere: boolean;
}

/** The error of senders parked at a port that its kernel leaves: they follow the kernel. */
let left: AnyRinglineError | undefined;

/**
 * The input of a launched kernel. Senders keep this outlet when a move replaces the port behind it, and the counts go on.
 * Buffers are read back from devices that the place of the kernel cannot reach.
 */
export class KernelInput implements RoomyOutlet, Port {
  /** The outlet of the port; senders that have no access to devices may use it directly. */
  outlet: RoomyOutlet;
  #at: PlacedPort;
  #isHere: boolean;
  readonly #clock: Clock;
  readonly #kernelId: string;
  /** Held while a buffer is read back, and while the messages move to another port: later ones wait behind. */
  readonly #gate: OrderedGate;
  readonly #since: number;
  /** Resolves when the latest move is over. */
  #moved: Promise<void> = ACCEPTED;
  #isOpen = false;
  #sealed: (() => AnyRinglineError) | undefined;
  /** Messages that are not due yet; created with the first one. */
  scheduled: ScheduledMessages | undefined;
  /** Counts of the ports that the kernel has left. */
  #past: PortStats | undefined;
  /** Number of messages taken out of the ports that the kernel has left, which count them as dead letters. */
  #carried = 0;
  /** Number of times that queued messages were dealt among kernels: senders that choose among them choose again. */
  #deals = 0;
  #endMove = () => {};

  constructor(at: PlacedPort, clock: Clock, kernelId: string) {
    this.#at = at;
    this.outlet = at.port.outlet;
    this.#isHere = at.isHere;
    this.#clock = clock;
    this.#kernelId = kernelId;
    this.#gate = new OrderedGate(clock, kernelId);
    this.#since = clock.now();
  }

  /** The current port and its place. */
  get at(): PlacedPort {
    return this.#at;
  }

  get inlet(): Inlet {
    return this.#at.port.inlet;
  }

  /** Credits for messages that are on no device. */
  get credits(): number {
    return !this.#gate.isTaken ? (this.outlet.credits ?? 0) : 0;
  }

  tryPush(message: AnyMessage): boolean {
    return !this.#gate.isTaken && (this.#isHere || !isOnDevice(message)) && this.outlet.tryPush(message);
  }

  /**
   * `isChosen`: the sender has chosen this kernel among several. It is rejected, so that it chooses again, if queued
   * messages are dealt among them while it waits: see `isDealtAnew`.
   */
  push(message: AnyMessage, wait?: WaitOptions, isChosen = false): Promise<void> {
    const deals = isChosen ? this.#deals : undefined;
    if (this.#gate.isTaken || !(this.#isHere || !isOnDevice(message))) return this.#pushInOrder(message, wait, deals);
    const pushed = this.outlet.push(message, wait);
    return pushed === ACCEPTED ? pushed : this.#follow(pushed, message, this.#limits(wait), deals);
  }

  #limits(wait: WaitOptions | undefined): () => WaitOptions | undefined {
    return wait?.timeout === undefined ? () => wait : remaining(wait, this.#clock);
  }

  /**
   * Pushes behind earlier messages, after reading buffers back. The gate is left as soon as the port has the message,
   * which keeps the order of pushes that wait for room.
   */
  async #pushInOrder(message: AnyMessage, wait: WaitOptions | undefined, deals: number | undefined): Promise<void> {
    const limits = this.#limits(wait);
    const landing = this.#isHere ? ACCEPTED : readBack(message, wait);
    landing.catch(() => {}); // awaited below, behind earlier messages
    await this.#gate.enter(wait);
    let pushed: Promise<void>;
    try {
      await landing;
      this.#checkDeals(deals);
      if (!this.#isHere && isOnDevice(message)) await readBack(message, limits());
      pushed = this.outlet.push(message, limits());
    } finally {
      this.#gate.leave();
    }
    await this.#follow(pushed, message, limits, deals);
  }

  /** Waits for acceptance; if the kernel leaves the port before, the message follows it, ahead of later ones. */
  async #follow(
    pushed: Promise<void>,
    message: AnyMessage,
    limits: () => WaitOptions | undefined,
    deals: number | undefined,
  ): Promise<void> {
    try {
      await pushed;
    } catch (error) {
      if (!isDealtAnew(error)) throw error;
      this.#checkDeals(deals);
      await this.#moved;
      if (!this.#isHere && isOnDevice(message)) await readBack(message, limits());
      await this.#follow(this.outlet.push(message, limits()), message, limits, deals);
    }
  }

  #checkDeals(deals: number | undefined): void {
    if (deals !== undefined && deals !== this.#deals) throw left;
  }

  async gate(open: boolean): Promise<void> {
    this.#isOpen = open;
    await this.#at.port.gate(open);
  }

  async seal(error: () => AnyRinglineError): Promise<void> {
    this.#sealed = error;
    await this.#at.port.seal(error);
  }

  async idle(wait?: WaitOptions): Promise<void> {
    for (;;) {
      const { port } = this.#at;
      await port.idle(wait);
      await this.#moved;
      if (port === this.#at.port) return;
    }
  }

  recover = (): Promise<readonly Unsettled[]> => this.#at.port.recover();
  remove = (): Promise<readonly Unsettled[]> => this.#at.port.remove();

  get discard(): Port["discard"] {
    const { port } = this.#at;
    return port.discard && ((isUnwanted) => port.discard?.(isUnwanted) ?? []);
  }

  async stats(): Promise<PortStats> {
    const stats = await this.#at.port.stats();
    const now = this.scheduled === undefined ? stats : { ...stats, ledger: this.scheduled.addTo(stats.ledger) };
    if (this.#past === undefined && this.#carried === 0) return now;
    const { ledger: counted, throughput, ...rest } = this.#past === undefined ? now : added(this.#past, now);
    const { accepted, deadLettered } = counted;
    const ledger = { ...counted, accepted: accepted - this.#carried, deadLettered: deadLettered - this.#carried };
    const overall = (1000 * ledger.done) / Math.max(1, this.#clock.now() - this.#since);
    return { ...rest, ledger, throughput: { ...throughput, overall } };
  }

  /**
   * Leads the queued messages, the parked senders and all later messages to another port, of an incarnation that has
   * not received anything. The last incarnation has ended. Resolves to the number of messages.
   */
  async moveTo(next: PlacedPort, refused: Refused): Promise<number> {
    return this.enter(next, await this.leave(), refused);
  }

  /**
   * Takes the queued messages out of the port, whose last incarnation has ended. Senders wait until `enter` or `end`.
   * `isDeal`: the messages are dealt among several kernels.
   */
  async leave(isDeal = false): Promise<readonly Unsettled[]> {
    left ??= new errors.TERMINATED({ operation: "send" });
    const leaving = left;
    await this.#gate.enter();
    if (isDeal) this.#deals++;
    this.#moved = new Promise((resolve) => {
      this.#endMove = resolve;
    });
    try {
      const { port } = this.#at;
      await port.seal(() => leaving);
      await new Promise<void>(macrotask); // parked senders now wait for the end of the move, in their order
      const removed = await port.remove();
      this.#carried += removed.length; // the port counts them as dead letters
      return removed;
    } catch (error) {
      await this.#release();
      throw error;
    }
  }

  /** Goes on with another port, which takes over the messages. Resolves to their number. */
  async enter(next: PlacedPort, messages: readonly Unsettled[], refused: Refused): Promise<number> {
    let refusals = 0;
    const refuse: Refused = (...one) => {
      refusals++;
      refused(...one);
    };
    const { port, place } = this.#at;
    try {
      const carried = hasBuffers ? await inReach(messages, next.isHere, refuse) : messages;
      await next.port.adopt?.(carried, refuse);
      const past = { ...(await port.stats()), parked: 0 };
      this.#past = this.#past === undefined ? past : added(this.#past, past);
      this.#carried -= refusals;
      this.#at = next;
      this.outlet = next.port.outlet;
      this.#isHere = next.isHere;
    } finally {
      if (this.#sealed !== undefined) await next.port.seal(this.#sealed);
      if (this.#isOpen) await next.port.gate(true);
      await this.#release();
      place.closePort?.(port);
    }
    return messages.length - refusals;
  }

  /** Ends the input, whose messages other kernels have taken over. */
  async end(): Promise<void> {
    const reject = () => new errors.TERMINATED({ operation: "send" }, { kernelId: this.#kernelId });
    this.outlet = { tryPush: () => false, push: () => Promise.reject(reject()) };
    await this.#release();
  }

  async #release(): Promise<void> {
    this.#endMove();
    await new Promise<void>(macrotask); // the parked senders go first
    this.#gate.leave();
  }
}

/** True for the error of a sender that has chosen among kernels whose queued messages were dealt anew. */
export const isDealtAnew = (error: unknown): boolean => left !== undefined && error === left;

/** Messages as a sender has them, their buffers within reach of the place. */
async function inReach(messages: readonly Unsettled[], isHere: boolean, refused: Refused): Promise<Unsettled[]> {
  const within: Unsettled[] = [];
  for (const one of messages) {
    giveReferences(one.message);
    try {
      if (!isHere && isOnDevice(one.message)) await readBack(one.message, undefined);
      within.push(one);
    } catch (error) {
      refused(one, error);
    }
  }
  return within;
}

function added(past: PortStats, now: PortStats): PortStats {
  const names = Object.keys(now.ledger) as (keyof Ledger)[];
  const ledger = names.map((name) => [name, past.ledger[name] + now.ledger[name]] as const);
  return {
    ...now,
    ledger: Object.fromEntries(ledger) as Record<keyof Ledger, number>,
    received: past.received + now.received,
    rejected: past.rejected + now.rejected,
    requeued: past.requeued + now.requeued,
    wait: now.wait.max > 0 ? now.wait : past.wait,
  };
}
