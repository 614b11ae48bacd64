import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Requester } from "../messages/lineage.js";
import { FlowOrigin } from "./flow-origin.js";
import type { InFlightCounter } from "./in-flight-counter.js";
import type { OutputQueue } from "./output-queue.js";
import { REGIONS } from "./shared-counts.js";
import { type CountedOrigin, HOST_COUNTED, type SharedInputs } from "./shared-inputs.js";

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
