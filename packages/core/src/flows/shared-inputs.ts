import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Origin, Requester } from "../messages/lineage.js";
import { FlowOrigin } from "./flow-origin.js";
import type { InFlightCounter, InFlightPlan } from "./in-flight-counter.js";
import type { OutputQueue } from "./output-queue.js";
import { REGIONS, SharedCounts } from "./shared-counts.js";

/** Maximum inputs of a flow counted in shared memory at a time; the host alone counts further ones. */
const MOST = 65_536;
/** Additional slots, for inputs that stages send unprompted. */
const MORE = 256;

/** Replaces a slot: the host alone counts the input. */
export const HOST_COUNTED = -1;

let flows = 0;

/** An input that is counted in shared memory. */
export interface CountedOrigin extends Origin {
  /** Number of the input, which distinguishes it from a later input in the same slot. */
  readonly input: number;
  /** Handles a count that another thread decremented to 0. */
  messageLeftRemotely(): void;
}

/** The inputs of a flow that are counted in shared memory, as the host keeps them. */
export class SharedInputs {
  readonly counts: SharedCounts;
  readonly #onLeft: (node: number) => void;
  readonly #origins: (CountedOrigin | undefined)[];
  readonly #free: number[] = [];
  #used = 0;
  #begun = 0;

  /** `left`: called when a message has left a node in another thread. */
  constructor({ flow, regionsOf, regions }: InFlightPlan, maxInFlight: number, left: (node: number) => void) {
    const size = Math.min(maxInFlight + MORE, MOST);
    this.counts = new SharedCounts({ id: flows++, flow, regionsOf, regions, size });
    this.#onLeft = left;
    this.#origins = new Array(size);
  }

  /** Assigns a slot and a number to an input. */
  take(origin: CountedOrigin): { readonly slot: number; readonly input: number } {
    const slot = this.#free.pop() ?? (this.#used < this.counts.size ? this.#used++ : HOST_COUNTED);
    if (slot === HOST_COUNTED) return { slot, input: 0 };
    this.#begun = (this.#begun + 1) & 0x3fff_ffff;
    this.counts.begin(slot, this.#begun);
    this.#origins[slot] = origin;
    return { slot, input: this.#begun };
  }

  release(slot: number): void {
    if (slot === HOST_COUNTED) return;
    this.#origins[slot] = undefined;
    this.#free.push(slot);
  }

  /** The input that a message names; undefined once it is settled. */
  at(slot: number, input: number): CountedOrigin | undefined {
    const origin = this.#origins[slot];
    return origin?.input === input ? origin : undefined;
  }

  /** Handles a message that has left `node` in another thread: the last of its input, or one for a watcher. */
  messageLeft(slot: number, input: number, node: number): void {
    this.at(slot, input)?.messageLeftRemotely();
    this.#onLeft(node);
  }

  /** Checks all counts again, after the thread that was to notify was lost. */
  recount(): void {
    for (const origin of this.#origins) origin?.messageLeftRemotely();
    for (let node = 0; node < this.counts.regionsOf.length; node++) this.#onLeft(node);
  }
}

/**
 * An input whose messages are counted by the threads that process them, and by the host. Only the host acts on it:
 * threads notify the host when they have decremented a count to 0.
 */
export class SharedOrigin extends FlowOrigin implements CountedOrigin {
  readonly inputs: SharedInputs;
  /** Slot in shared memory; `HOST_COUNTED` if there was none free. */
  readonly slot: number;
  readonly input: number;
  readonly #words: Int32Array;
  readonly #at: number;
  /** By region: true once no message is left there and the listener is notified. */
  readonly #closed: boolean[] = [];
  #isOver = false;

  constructor(
    counter: InFlightCounter<FlowOrigin>,
    outputQueue: OutputQueue,
    waiting: Requester | undefined,
    isAdmitted: boolean,
    generation: number,
    inputs: SharedInputs,
  ) {
    super(counter, outputQueue, waiting, isAdmitted, generation);
    const { slot, input } = inputs.take(this);
    this.inputs = inputs;
    this.slot = slot;
    this.input = input;
    this.#words = slot === HOST_COUNTED ? new Int32Array(REGIONS + counter.regions).fill(1) : inputs.counts.words;
    this.#at = slot === HOST_COUNTED ? 0 : inputs.counts.liveAt(slot);
  }

  override get isAlive(): boolean {
    return !this.#isOver && Atomics.load(this.#words, this.#at) > 0;
  }

  override cancel(): void {
    if (!this.#isOver && this.slot !== HOST_COUNTED) this.inputs.counts.cancel(this.slot);
    super.cancel();
  }

  override hasPassed(region: number): boolean {
    return this.#isOver || Atomics.load(this.#words, this.#regionAt(region)) === 0;
  }

  override enter(node: number): void {
    this.#add(node, 1);
  }

  override withdraw(node: number): void {
    this.#add(node, -1);
  }

  #add(node: number, more: 1 | -1): void {
    if (this.#isOver) return; // the slot may belong to another input
    Atomics.add(this.#words, this.#at, more);
    this.#load(node, more);
    for (const region of this.#regionsOf(node)) Atomics.add(this.#words, this.#regionAt(region), more);
  }

  override leave(node: number, error?: AnyRinglineError): void {
    if (error !== undefined) this.fail(error);
    if (this.#isOver) return;
    this.#load(node, -1);
    for (const region of this.#regionsOf(node)) this.#leaveRegion(region);
    this.#leave();
    if (this.counter.isWatched) this.counter.messageLeft(node);
  }

  override leaveEntry(): void {
    for (let region = 0; region < this.counter.regions; region++) this.#leaveRegion(region);
    this.#leave();
  }

  messageLeftRemotely(): void {
    if (this.#isOver) return;
    for (let region = 0; region < this.counter.regions; region++) if (this.hasPassed(region)) this.#close(region);
    if (!this.isAlive) this.#end();
  }

  #leaveRegion(region: number): void {
    if (Atomics.sub(this.#words, this.#regionAt(region), 1) === 1) this.#close(region);
  }

  #leave(): void {
    if (Atomics.sub(this.#words, this.#at, 1) === 1) this.#end();
  }

  #close(region: number): void {
    if (this.#closed[region]) return;
    this.#closed[region] = true;
    this.counter.listener.closed(region, this);
  }

  #end(): void {
    if (this.#isOver) return;
    for (let region = 0; region < this.counter.regions; region++) this.#close(region);
    this.#isOver = true;
    this.inputs.release(this.slot);
    this.counter.listener.settled(this);
  }

  #load(node: number, more: 1 | -1): void {
    Atomics.add(this.counter.loads, node * 2 + this.generation, more);
  }

  #regionsOf(node: number): readonly number[] {
    return this.counter.regionsOf[node] as readonly number[];
  }

  #regionAt(region: number): number {
    return this.#at + REGIONS + region;
  }
}
