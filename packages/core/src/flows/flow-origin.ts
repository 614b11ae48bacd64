import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Rarities } from "../messages/any-message.js";
import type { Asker, Lineage, Origin } from "../messages/lineage.js";
import type { Lane } from "./lane.js";
import type { Tally } from "./tally.js";

/**
 * One input of a flow, while any of it is alive. It is at once what its messages carry beside them, so that an input
 * costs one object.
 */
export class FlowOrigin implements Origin, Lineage, Rarities {
  readonly origin: Origin = this;
  readonly lineage: Lineage = this;
  readonly expiresAt = Number.POSITIVE_INFINITY;
  readonly asker: undefined;
  /** The queue of its outputs. */
  lane: Lane;
  /** The requester that waits for its first output. */
  readonly waiting: Asker | undefined;
  /** False for what a stage sent of its own accord. */
  readonly isAdmitted: boolean;
  /** Milliseconds at which it was accepted; 0 when its time is not measured. */
  since = 0;
  isCancelled = false;
  onCancelled: (() => void) | undefined = undefined;
  /** False for what a stage sent of its own accord, outside a flush: it may never stop doing so. */
  isAwaited = true;
  /** True when the input was refused: its sender has the error. */
  isAbandoned = false;
  previous: FlowOrigin | undefined;
  next: FlowOrigin | undefined;
  /** Position in the order of entry. */
  readonly sequence: number;
  protected readonly tally: Tally<FlowOrigin>;
  readonly generation: number;
  /** Messages alive; its entry counts as one until all first nodes have it. */
  #live = 1;
  /** The same by region, where there are any. */
  readonly #counts: number[] | undefined;

  constructor(
    tally: Tally<FlowOrigin>,
    lane: Lane,
    waiting: Asker | undefined,
    isAdmitted: boolean,
    generation: number,
  ) {
    this.tally = tally;
    this.lane = lane;
    this.waiting = waiting;
    this.isAdmitted = isAdmitted;
    this.generation = generation;
    this.#counts = tally.regions === 0 ? undefined : new Array<number>(tally.regions).fill(1);
    this.sequence = tally.add(this);
  }

  get flow(): string {
    return this.tally.flow;
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
    for (const region of this.tally.regionsOf[node] as readonly number[]) if (this.hasPassed(region)) return false;
    return this.isAlive;
  }

  /** True when nothing of it is alive in the region. */
  hasPassed(region: number): boolean {
    return this.#counts?.[region] === 0;
  }

  enter(node: number): void {
    this.#live++;
    this.tally.loads[node * 2 + this.generation]!++;
    if (this.#counts !== undefined) this.#count(this.#counts, node);
  }

  withdraw(node: number): void {
    this.#live--;
    this.tally.loads[node * 2 + this.generation]!--;
    if (this.#counts === undefined) return;
    for (const region of this.tally.regionsOf[node] as readonly number[]) this.#counts[region]!--;
  }

  leave(node: number, error?: AnyRinglineError): void {
    if (error !== undefined) this.fail(error);
    const tally = this.tally;
    tally.loads[node * 2 + this.generation]!--;
    if (this.#counts !== undefined) this.#discount(this.#counts, tally.regionsOf[node] as readonly number[]);
    if (--this.#live === 0) tally.listener.settled(this);
    if (tally.isWatched) tally.left(node);
  }

  /** Something of it failed: whoever waits for an answer hears of it at once. */
  fail(error: AnyRinglineError): void {
    if (this.waiting?.waits) this.waiting.fail(error);
  }

  /** All first nodes have it. */
  leaveEntry(): void {
    if (this.#counts !== undefined) {
      for (let region = 0; region < this.#counts.length; region++) this.#discountOne(this.#counts, region);
    }
    if (--this.#live === 0) this.tally.listener.settled(this);
  }

  #count(counts: number[], node: number): void {
    const regions = this.tally.regionsOf[node] as readonly number[];
    for (let i = 0; i < regions.length; i++) counts[regions[i] as number]!++;
  }

  #discount(counts: number[], regions: readonly number[]): void {
    for (let i = 0; i < regions.length; i++) this.#discountOne(counts, regions[i] as number);
  }

  #discountOne(counts: number[], region: number): void {
    if (--counts[region]! === 0) this.tally.listener.closed(region, this);
  }
}
