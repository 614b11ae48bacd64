import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage, OptionalHeaders } from "../messages/any-message.js";
import type { Lineage, Origin, Requester } from "../messages/lineage.js";
import type { InFlightCounter } from "./in-flight-counter.js";
import type { OutputQueue } from "./output-queue.js";

/**
 * One input of a flow, while any of its messages is in flight. The same object is the lineage and the optional headers
 * of its messages, so that an input costs one object.
 */
export class FlowOrigin implements Origin, Lineage, OptionalHeaders {
  readonly origin: Origin = this;
  readonly lineage: Lineage = this;
  readonly expiresAt = Number.POSITIVE_INFINITY;
  readonly requester: undefined;
  /** The queue of its outputs. */
  outputs: OutputQueue;
  /** The requester that waits for its first output. */
  readonly waiting: Requester | undefined;
  /** False for an input that a stage sent unprompted. */
  readonly isAdmitted: boolean;
  /** Clock time of acceptance in milliseconds; 0 if the latency is not measured. */
  since = 0;
  isCancelled = false;
  onCancelled: (() => void) | undefined = undefined;
  /** False for an input that a stage sent unprompted outside a flush: `process` does not wait for those to end. */
  isAwaited = true;
  /** True if the input was rejected: its sender has the error. */
  isAbandoned = false;
  previous: FlowOrigin | undefined;
  next: FlowOrigin | undefined;
  /** Position in the order of entry. */
  readonly sequence: number;
  protected readonly counter: InFlightCounter<FlowOrigin>;
  readonly generation: number;
  /** Number of messages in flight; the entry counts as one until all first nodes have the input. */
  #live = 1;
  /** Number of messages in flight by region; undefined without regions. */
  readonly #counts: number[] | undefined;

  constructor(
    counter: InFlightCounter<FlowOrigin>,
    outputQueue: OutputQueue,
    waiting: Requester | undefined,
    isAdmitted: boolean,
    generation: number,
  ) {
    this.counter = counter;
    this.outputs = outputQueue;
    this.waiting = waiting;
    this.isAdmitted = isAdmitted;
    this.generation = generation;
    this.#counts = counter.regions === 0 ? undefined : new Array<number>(counter.regions).fill(1);
    this.sequence = counter.add(this);
  }

  get flow(): string {
    return this.counter.flow;
  }

  get members(): readonly FlowOrigin[] {
    return [this];
  }

  get isAlive(): boolean {
    return this.#live > 0;
  }

  cancel(): void {
    this.isCancelled = true;
    this.onCancelled?.();
  }

  isOpen(node: number): boolean {
    for (const region of this.counter.regionsOf[node] as readonly number[]) if (this.hasPassed(region)) return false;
    return this.isAlive;
  }

  /** True if no message of the input is left in the region. */
  hasPassed(region: number): boolean {
    return this.#counts?.[region] === 0;
  }

  enter(node: number): void {
    this.#live++;
    this.counter.loads[node * 2 + this.generation]!++;
    if (this.#counts !== undefined) this.#count(this.#counts, node);
  }

  withdraw(node: number): void {
    this.#live--;
    this.counter.loads[node * 2 + this.generation]!--;
    if (this.#counts === undefined) return;
    for (const region of this.counter.regionsOf[node] as readonly number[]) this.#counts[region]!--;
  }

  leave(node: number, error?: AnyRinglineError): void {
    if (error !== undefined) this.fail(error);
    const counter = this.counter;
    counter.loads[node * 2 + this.generation]!--;
    if (this.#counts !== undefined) this.#discount(this.#counts, counter.regionsOf[node] as readonly number[]);
    if (--this.#live === 0) counter.listener.settled(this);
    if (counter.isWatched) counter.messageLeft(node);
  }

  /** Fails the request of the input at once, if one is pending. */
  fail(error: AnyRinglineError): void {
    if (this.waiting?.waits) this.waiting.fail(error);
  }

  /** Ends the entry of the input, which counts as one message. */
  leaveEntry(): void {
    if (this.#counts !== undefined) {
      for (let region = 0; region < this.#counts.length; region++) this.#discountOne(this.#counts, region);
    }
    if (--this.#live === 0) this.counter.listener.settled(this);
  }

  #count(counts: number[], node: number): void {
    const regions = this.counter.regionsOf[node] as readonly number[];
    for (let i = 0; i < regions.length; i++) counts[regions[i] as number]!++;
  }

  #discount(counts: number[], regions: readonly number[]): void {
    for (let i = 0; i < regions.length; i++) this.#discountOne(counts, regions[i] as number);
  }

  #discountOne(counts: number[], region: number): void {
    if (--counts[region]! === 0) this.counter.listener.closed(region, this);
  }
}

/** The origin of a message made of several inputs. */
export class JointOrigin implements Origin, Lineage {
  readonly origin: Origin = this;
  readonly requester: undefined;
  onCancelled: (() => void) | undefined = undefined;
  /** The inputs, without duplicates, in the order of their entry. */
  readonly members: readonly FlowOrigin[];

  constructor(members: readonly FlowOrigin[]) {
    this.members = members;
  }

  get flow(): string {
    return (this.members[0] as FlowOrigin).flow;
  }

  get isCancelled(): boolean {
    return this.members.every((member) => member.isCancelled);
  }

  get isAlive(): boolean {
    return this.members.some((member) => member.isAlive);
  }

  isOpen(node: number): boolean {
    return this.members.every((member) => member.isOpen(node));
  }

  enter(node: number): void {
    for (const member of this.members) member.enter(node);
  }

  withdraw(node: number): void {
    for (const member of this.members) member.withdraw(node);
  }

  fail(error: AnyRinglineError): void {
    for (const member of this.members) member.fail(error);
  }

  leave(node: number, error?: AnyRinglineError): void {
    for (const member of this.members) member.leave(node, error);
  }
}

/** An origin that counts a message of this flow. */
export type AnyOrigin = FlowOrigin | JointOrigin;

export const originOf = (lineage: Lineage | undefined): AnyOrigin | undefined =>
  lineage?.origin as AnyOrigin | undefined;

/** The input of an origin that entered first. */
export function firstOriginOf(origin: AnyOrigin): FlowOrigin {
  return origin instanceof FlowOrigin ? origin : (origin.members[0] as FlowOrigin);
}

/** All inputs of these origins, without duplicates, in the order of their entry. */
export const membersOf = (origins: readonly AnyOrigin[]): FlowOrigin[] =>
  [...new Set(origins.flatMap(({ members }) => members))].sort((a, b) => a.sequence - b.sequence);

/** Combines origins into one. */
export function jointOriginOf(origins: readonly AnyOrigin[]): AnyOrigin {
  const members = membersOf(origins);
  return members.length === 1 ? (members[0] as FlowOrigin) : new JointOrigin(members);
}

/** Dead-letters a message that a node held; the message is counted at that node. */
export type ToDeadLetter = (message: AnyMessage, origin: AnyOrigin, node: number) => void;
