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

  constructor(at: PlacedPort, clock: Clock, kernelId: string) {
    this.#at = at;
    this.outlet = at.port.outlet;
    this.#isHere = at.isHere;
    this.#clock = clock;
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

  push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    if (this.#gate.isTaken || !(this.#isHere || !isOnDevice(message))) return this.#pushInOrder(message, wait);
    const pushed = this.outlet.push(message, wait);
    return pushed === ACCEPTED ? pushed : this.#follow(pushed, message, this.#limits(wait));
  }

  #limits(wait: WaitOptions | undefined): () => WaitOptions | undefined {
    return wait?.timeout === undefined ? () => wait : remaining(wait, this.#clock);
  }

  /**
   * Pushes behind earlier messages, after reading buffers back. The gate is left as soon as the port has the message,
   * which keeps the order of pushes that wait for room.
   */
  async #pushInOrder(message: AnyMessage, wait: WaitOptions | undefined): Promise<void> {
    const limits = this.#limits(wait);
    const landing = this.#isHere ? ACCEPTED : readBack(message, wait);
    landing.catch(() => {}); // awaited below, behind earlier messages
    await this.#gate.enter(wait);
    let pushed: Promise<void>;
    try {
      await landing;
      if (!this.#isHere && isOnDevice(message)) await readBack(message, limits());
      pushed = this.outlet.push(message, limits());
    } finally {
      this.#gate.leave();
    }
    await this.#follow(pushed, message, limits);
  }

  /** Waits for acceptance; if the kernel leaves the port before, the message follows it, ahead of later ones. */
  async #follow(pushed: Promise<void>, message: AnyMessage, limits: () => WaitOptions | undefined): Promise<void> {
    try {
      await pushed;
    } catch (error) {
      if (error !== left || left === undefined) throw error;
      await this.#moved;
      if (!this.#isHere && isOnDevice(message)) await readBack(message, limits());
      await this.#follow(this.outlet.push(message, limits()), message, limits);
    }
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
    if (this.#past === undefined) return now;
    const { ledger, throughput, ...rest } = added(this.#past, now);
    const overall = (1000 * ledger.done) / Math.max(1, this.#clock.now() - this.#since);
    return { ...rest, ledger, throughput: { ...throughput, overall } };
  }

  /**
   * Leads the queued messages, the parked senders and all later messages to another port, of an incarnation that has
   * not received anything. The last incarnation has ended. Resolves to the number of messages.
   */
  async moveTo(next: PlacedPort, refused: Refused): Promise<number> {
    left ??= new errors.TERMINATED({ operation: "send" });
    const leaving = left;
    await this.#gate.enter();
    let over!: () => void;
    this.#moved = new Promise((resolve) => {
      over = resolve;
    });
    const { port, place } = this.#at;
    try {
      await port.seal(() => leaving);
      await new Promise<void>(macrotask); // parked senders now wait for the end of the move, in their order
      return await this.#carry(port, next, refused);
    } finally {
      if (this.#sealed !== undefined) await next.port.seal(this.#sealed);
      if (this.#isOpen) await next.port.gate(true);
      over();
      await new Promise<void>(macrotask); // the parked senders go first
      this.#gate.leave();
      place.closePort?.(port);
    }
  }

  async #carry(from: Port, to: PlacedPort, refused: Refused): Promise<number> {
    const removed = await from.remove();
    let kept = removed.length;
    const refuse: Refused = (...one) => {
      kept--;
      refused(...one);
    };
    const carried = hasBuffers ? await inReach(removed, to.isHere, refuse) : removed;
    await to.port.adopt?.(carried, refuse);
    const { ledger, ...stats } = await from.stats();
    // the port that they left counts them as dead letters
    const { accepted, deadLettered } = ledger;
    const settled = { ...ledger, accepted: accepted - kept, deadLettered: deadLettered - kept };
    const past = { ...stats, parked: 0, ledger: settled };
    this.#past = this.#past === undefined ? past : added(this.#past, past);
    this.#at = to;
    this.outlet = to.port.outlet;
    this.#isHere = to.isHere;
    return kept;
  }
}

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
