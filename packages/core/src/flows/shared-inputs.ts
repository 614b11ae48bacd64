import type { Origin } from "../messages/lineage.js";
import type { InFlightPlan } from "./in-flight-counter.js";
import { SharedCounts } from "./shared-counts.js";

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
