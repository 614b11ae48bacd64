import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Asker } from "../messages/lineage.js";
import { FlowOrigin } from "./flow-origin.js";
import type { Lane } from "./lane.js";
import type { SharedInputs } from "./shared-inputs.js";
import type { Tally } from "./tally.js";

/** An input whose messages are counted by the threads that work on them, and by the host. */
export class SharedOrigin extends FlowOrigin {
  readonly inputs: SharedInputs;
  /** Where it is counted in shared memory; undefined where there was no room. */
  readonly slot: number | undefined;
  /** Its number, by which a later input in the same slot is told from it. */
  readonly input: number;
  readonly #words: Int32Array;
  readonly #at: number;
  #isOver = false;

  constructor(
    tally: Tally<FlowOrigin>,
    lane: Lane,
    waiting: Asker | undefined,
    isAdmitted: boolean,
    generation: number,
    inputs: SharedInputs,
  ) {
    super(tally, lane, waiting, isAdmitted, generation);
    this.inputs = inputs;
    const taken = inputs.take(this);
    this.slot = taken?.slot;
    this.input = taken?.input ?? 0;
    this.#words = taken === undefined ? Int32Array.of(1) : inputs.counts.words;
    this.#at = taken === undefined ? 0 : inputs.counts.liveAt(taken.slot);
  }

  override get isAlive(): boolean {
    return !this.#isOver && Atomics.load(this.#words, this.#at) > 0;
  }

  override cancel(): void {
    if (this.slot !== undefined && !this.#isOver) this.inputs.counts.cancel(this.slot);
    super.cancel();
  }

  protected override add(node: number, more: 1 | -1): void {
    if (this.#isOver) return; // its slot may be another's
    Atomics.add(this.#words, this.#at, more);
    this.#load(node, more);
  }

  #load(node: number, more: 1 | -1): void {
    Atomics.add(this.tally.loads, node * 2 + this.generation, more);
  }

  override leave(node: number, error?: AnyRinglineError): void {
    if (error !== undefined) this.fail(error);
    if (this.#isOver) return;
    this.#load(node, -1);
    this.discount(node);
    if (Atomics.sub(this.#words, this.#at, 1) === 1) this.#end();
    if (this.tally.isWatched) this.tally.left(node);
  }

  protected override leftEntry(): void {
    if (Atomics.sub(this.#words, this.#at, 1) === 1) this.#end();
  }

  /** Where that was found out elsewhere. */
  endIfOver(): void {
    if (!this.#isOver && Atomics.load(this.#words, this.#at) === 0) this.#end();
  }

  #end(): void {
    this.#isOver = true;
    if (this.slot !== undefined) this.inputs.release(this.slot);
    this.tally.listener.settled(this);
  }
}
