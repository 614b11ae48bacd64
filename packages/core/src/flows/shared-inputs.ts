import type { Origin } from "../messages/lineage.js";
import type { InFlightPlan } from "./in-flight-counter.js";
import { SharedCounts } from "./shared-counts.js";

/** Inputs of a flow that are counted in shared memory at a time; the others are counted by the host alone. */
const MOST = 65_536;
/** Beyond those that come in from outside: what stages send of their own accord. */
const MORE = 256;

/** In place of a slot: the host counts the input alone. */
export const HOST_COUNTED = -1;

let flows = 0;

/** An input that is counted in shared memory. */
export interface CountedOrigin extends Origin {
  /** Number of the input, which distinguishes it from a later input in the same slot. */
  readonly input: number;
  /** A count was brought to 0 elsewhere. */
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

  /** `left`: a message has left a node elsewhere. */
  constructor({ flow, regionsOf, regions }: InFlightPlan, maxInFlight: number, left: (node: number) => void) {
    const size = Math.min(maxInFlight + MORE, MOST);
    this.counts = new SharedCounts({ id: flows++, flow, regionsOf, regions, size });
    this.#onLeft = left;
    this.#origins = new Array(size);
  }

  /** A slot for an input, and its number. */
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

  /** The input that a message names; undefined where it is over. */
  at(slot: number, input: number): CountedOrigin | undefined {
    const origin = this.#origins[slot];
    return origin?.input === input ? origin : undefined;
  }

  /** A message has left `node` elsewhere; it was the last of its input, or somebody wants to know. */
  messageLeft(slot: number, input: number, node: number): void {
    this.at(slot, input)?.messageLeftRemotely();
    this.#onLeft(node);
  }

  /** Counts again, after the thread that was to notify was lost. */
  recount(): void {
    for (const origin of this.#origins) origin?.messageLeftRemotely();
    for (let node = 0; node < this.counts.regionsOf.length; node++) this.#onLeft(node);
  }
}
