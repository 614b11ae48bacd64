import { type MapPlan, roundUp, type SavedSlots } from "@ringline/core/internal";
import type { Session } from "../device/session.js";
import { COPY_DST, MAP_READ } from "../device/usage.js";
import type { MapStages } from "./map-stages.js";

/** A copy of the states that is under way. */
export interface Saving {
  readonly buffer: GPUBuffer;
  readonly bytes: number;
}

/** By stage; undefined for one that has none. */
export type StateCopies = readonly (ArrayBuffer | undefined)[];

const sizeOf = ({ state }: MapPlan) => (state === undefined ? 0 : roundUp(state.stride * state.slots, 4));

/** The resident states of a chain as they were saved last: what the next device begins with. */
export class SavedStates {
  readonly #plans: readonly MapPlan[];
  /** Most messages after which they are saved. */
  readonly #every: number;
  #saved: StateCopies;
  /** Messages since then. */
  #unsaved = 0;

  constructor(plans: readonly MapPlan[], restored: unknown) {
    this.#plans = plans;
    this.#every = Math.min(...plans.map(({ state }) => state?.checkpointEvery ?? Number.POSITIVE_INFINITY));
    this.#saved = plans.length === 1 ? [(restored as SavedSlots | undefined)?.slots] : plans.map(() => undefined);
  }

  restore({ session, states }: MapStages): void {
    this.#unsaved = 0;
    for (const [i, saved] of this.#saved.entries()) {
      const state = states[i];
      if (state !== undefined && saved !== undefined) session.device.queue.writeBuffer(state, 0, saved);
    }
  }

  /** True for the batch after which more messages would have to be kept than may be. */
  isDue(count: number): boolean {
    this.#unsaved += count;
    if (this.#unsaved < this.#every) return false;
    this.#unsaved = 0;
    return true;
  }

  copy(encoder: GPUCommandEncoder, { states, session }: MapStages): Saving {
    const bytes = this.#plans.reduce((sum, plan) => sum + sizeOf(plan), 0);
    const buffer = session.pool.take(bytes, MAP_READ | COPY_DST);
    let at = 0;
    for (const [i, plan] of this.#plans.entries()) {
      const state = states[i];
      if (state !== undefined) encoder.copyBufferToBuffer(state, 0, buffer, at, sizeOf(plan));
      at += sizeOf(plan);
    }
    return { buffer, bytes };
  }

  /** The states in a copy that came back. */
  read(mapped: ArrayBuffer): StateCopies {
    let at = 0;
    return this.#plans.map((plan) => {
      const begin = at;
      at += sizeOf(plan);
      return plan.state && mapped.slice(begin, at);
    });
  }

  /** Returns what a checkpoint is to keep of them. */
  keep(states: StateCopies, { buffer }: Saving, { pool }: Session): ArrayBuffer | undefined {
    this.#saved = states;
    pool.give(buffer);
    return this.#plans.length === 1 ? this.#saved[0] : undefined;
  }
}
