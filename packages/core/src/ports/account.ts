import type { AnyMessage } from "../messages/any-message.js";
import type { Outcome, PortStats, Unsettled } from "../seam/port.js";
import { Histogram, RateWindow } from "../telemetry/measures.js";
import { type Ledger, NO_LATENCY, NO_THROUGHPUT, SAMPLE_EVERY, type TelemetryOptions } from "../telemetry/telemetry.js";
import type { Clock } from "../time/clock.js";

/** Cells of an account. All but `RECEIVED` and `REQUEUED` count messages that have left the queue, by their state. */
const RECEIVED = 0;
const IN_FLIGHT = 1;
/** Messages that wait for redelivery: accepted before, they take no capacity of the queue. */
const REDELIVERY = 2;
const DONE = 3;
const DROPPED = 4;
const DEAD_LETTERED = 5;
const REQUEUED = 6;
/** Slots of the queue whose sender was lost before it published the message. */
const WITHDRAWN = 7;
export const accountCells = { RECEIVED, DONE, REQUEUED, IN_FLIGHT, REDELIVERY } as const;
const NOTHING = 8;
export const CELLS = 9;

/** A change of one message's state: up to three cells change. */
export interface Transition {
  /** Number of the transition, from 1. */
  readonly number: number;
  /** True if the message leaves the queue and frees its capacity. */
  readonly leavesQueue: boolean;
  readonly a: number;
  readonly x: number;
  readonly b: number;
  readonly y: number;
  readonly c: number;
  readonly z: number;
}

type Change = readonly [cell: number, by: number];
const UNCHANGED: Change = [NOTHING, 0];

function transition(number: number, leavesQueue: boolean, [a, x]: Change, second = UNCHANGED, third = UNCHANGED) {
  return { number, leavesQueue, a, x, b: second[0], y: second[1], c: third[0], z: third[1] } as const;
}

/** All transitions of a message in a port, from its acceptance on. */
export const transitions = {
  /** Delivered by an input, for the first time or again. */
  take: transition(1, true, [RECEIVED, 1], [IN_FLIGHT, 1]),
  takeAgain: transition(2, false, [RECEIVED, 1], [IN_FLIGHT, 1], [REDELIVERY, -1]),
  /** Delivered by an output, which settles the message. */
  pass: transition(3, true, [RECEIVED, 1], [DONE, 1]),
  passAgain: transition(4, false, [RECEIVED, 1], [DONE, 1], [REDELIVERY, -1]),
  /** Put back into an output by a reader that could not forward it. */
  putBack: transition(5, false, [REQUEUED, 1], [REDELIVERY, 1], [DONE, -1]),
  done: transition(6, false, [DONE, 1], [IN_FLIGHT, -1]),
  deadLettered: transition(7, false, [DEAD_LETTERED, 1], [IN_FLIGHT, -1]),
  /** Expired before it reached the kernel. */
  expired: transition(8, false, [DEAD_LETTERED, 1], [IN_FLIGHT, -1], [RECEIVED, -1]),
  requeued: transition(9, false, [REQUEUED, 1], [REDELIVERY, 1], [IN_FLIGHT, -1]),
  dropped: transition(10, true, [DROPPED, 1]),
  /** Removed undelivered, to become a dead letter. */
  removed: transition(11, true, [DEAD_LETTERED, 1]),
  removedAgain: transition(12, false, [DEAD_LETTERED, 1], [REDELIVERY, -1]),
  withdrawn: transition(13, true, [WITHDRAWN, 1]),
  /** Taken over from another port, where it waited for redelivery. */
  adopted: transition(14, true, [REDELIVERY, 1]),
} as const satisfies Record<string, Transition>;

export type TransitionName = keyof typeof transitions;
export const transitionsByName = Object.entries(transitions) as readonly (readonly [TransitionName, Transition])[];

/** Transitions that settle a message in flight, by outcome. */
export const settlements = {
  done: "done",
  "dead-lettered": "deadLettered",
  expired: "expired",
  requeued: "requeued",
} as const satisfies Record<Outcome, TransitionName>;

/** Number of messages that have left the queue, the sum over their states. */
export function leftQueueOf(cells: ArrayLike<number>): number {
  return (
    cells[IN_FLIGHT]! + cells[REDELIVERY]! + cells[DONE]! + cells[DROPPED]! + cells[DEAD_LETTERED]! + cells[WITHDRAWN]!
  );
}

/**
 * Builds a ledger. `waiting`: messages in the queue. `accepted` is the sum of the others, so that the ledger always
 * balances.
 */
export function ledgerOf(cells: ArrayLike<number>, waiting: number): Ledger {
  const queued = waiting + cells[REDELIVERY]!;
  const [inHand, done] = [cells[IN_FLIGHT]!, cells[DONE]!];
  const [dropped, deadLettered] = [cells[DROPPED]!, cells[DEAD_LETTERED]!];
  return { accepted: queued + inHand + done + dropped + deadLettered, queued, inHand, done, dropped, deadLettered };
}

/**
 * The account of a port in local memory: it counts transitions, from which the cells follow, and takes the samples of
 * the port's telemetry.
 */
export class Account implements Record<TransitionName, number> {
  take = 0;
  takeAgain = 0;
  pass = 0;
  passAgain = 0;
  putBack = 0;
  done = 0;
  deadLettered = 0;
  expired = 0;
  requeued = 0;
  dropped = 0;
  removed = 0;
  removedAgain = 0;
  withdrawn = 0;
  adopted = 0;
  /** Number of refused messages. */
  rejected = 0;
  readonly #clock: Clock;
  readonly #rate: RateWindow | undefined;
  readonly #wait: Histogram | undefined;
  #accepted = 0;
  /** The count of `done` or `pass` at which the clock is read next; -1 for never. */
  #nextLook: number;

  constructor(telemetry: TelemetryOptions | undefined, clock: Clock) {
    this.#clock = clock;
    this.#rate = telemetry && new RateWindow(telemetry.window, clock);
    this.#wait = telemetry && new Histogram();
    this.#nextLook = this.#rate === undefined ? -1 : 1;
  }

  /** Counts an accepted message. Returns the time at which its wait begins; 0 for one that is not timed. */
  accept(): number {
    return (this.#accepted++ & (SAMPLE_EVERY - 1)) === 0 && this.#wait !== undefined ? this.#clock.now() : 0;
  }

  /** Records the wait of a delivered message. `stamp`: what `accept` returned for it. */
  waited(stamp: number): void {
    if (stamp !== 0) this.#wait?.record(this.#clock.now() - stamp);
  }

  /** Samples the throughput. `count`: the new count of `done` for an input, of `pass` for an output. */
  finished(count: number): void {
    if (count === this.#nextLook) this.#nextLook = this.#rate?.record(count) ?? -1;
  }

  #cells(): readonly number[] {
    const cells = new Array<number>(CELLS).fill(0);
    for (const [name, { a, x, b, y, c, z }] of transitionsByName) {
      const times = this[name];
      cells[a]! += x * times;
      cells[b]! += y * times;
      cells[c]! += z * times;
    }
    return cells;
  }

  /** `parked`: senders that wait for room. */
  stats(parked: number): PortStats {
    const cells = this.#cells();
    return {
      ledger: ledgerOf(cells, this.#accepted - leftQueueOf(cells)),
      ...{ received: cells[RECEIVED]!, rejected: this.rejected, requeued: cells[REQUEUED]!, parked },
      throughput: this.#rate?.throughput(this.done + this.pass) ?? NO_THROUGHPUT,
      wait: this.#wait?.latency() ?? NO_LATENCY,
    };
  }
}

/** Messages that were delivered and are not settled. Most kernels have one at a time, which costs no allocation. */
export class InFlightMessages {
  #one: AnyMessage | undefined;
  /** Count of each further message: the same message may be sent twice. */
  #more: Map<AnyMessage, number> | undefined;
  /** Redelivered messages with their earlier attempts, in the order of delivery. */
  #tried: Unsettled[] | undefined;
  size = 0;

  add(message: AnyMessage): void {
    this.size++;
    if (this.#one === undefined) {
      this.#one = message;
      return;
    }
    this.#more ??= new Map();
    this.#more.set(message, (this.#more.get(message) ?? 0) + 1);
  }

  /** Adds a redelivered message with its earlier attempts. */
  addRedelivered(tried: Unsettled): void {
    this.add(tried.message);
    if (tried.attempts === 0) return;
    this.#tried ??= [];
    this.#tried.push(tried);
  }

  /** Number of earlier attempts. */
  attemptsOf(message: AnyMessage): number {
    return this.#tried?.find((tried) => tried.message === message)?.attempts ?? 0;
  }

  /** Removes a message. Returns false if it is not in flight. */
  delete(message: AnyMessage): boolean {
    if (this.size === 0) return false;
    if (this.#one === message) {
      this.#one = this.#more === undefined ? undefined : this.#takeOldest(this.#more);
    } else {
      const times = this.#more?.get(message);
      if (times === undefined) return false;
      if (times > 1) this.#more?.set(message, times - 1);
      else this.#more?.delete(message);
    }
    this.size--;
    if (this.#tried !== undefined) this.#forget(message, this.#tried);
    return true;
  }

  #forget(message: AnyMessage, tried: Unsettled[]): void {
    const index = tried.findIndex((one) => one.message === message);
    if (index < 0) return;
    tried.splice(index, 1);
    if (tried.length === 0) this.#tried = undefined;
  }

  /** Removes the message that has been in flight longest of the others: `#one` is always the oldest. */
  #takeOldest(more: Map<AnyMessage, number>): AnyMessage | undefined {
    for (const [message, times] of more) {
      if (times > 1) more.set(message, times - 1);
      else more.delete(message);
      return message;
    }
    return undefined;
  }

  /** Messages in flight with their earlier attempts, in the order of delivery. */
  all(): Unsettled[] {
    const held = this.#one === undefined ? [] : [this.#one];
    for (const [message, times] of this.#more ?? []) for (let i = 0; i < times; i++) held.push(message);
    const tried = [...(this.#tried ?? [])];
    return held.map((message) => {
      const index = tried.findIndex((one) => one.message === message);
      return index < 0 ? { message, attempts: 0 } : (tried.splice(index, 1)[0] as Unsettled);
    });
  }
}
