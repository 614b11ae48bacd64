import { type MapPlan, roundUp, type SavedSlots } from "@ringline/core/internal";
import type { Session } from "../device/session.js";
import { COPY_DST, MAP_READ } from "../device/usage.js";
import type { MapStages } from "./map-stages.js";

/** A copy of the states in transit. */
export interface Saving {
  readonly buffer: GPUBuffer;
  readonly bytes: number;
}

/** States by stage; undefined for a stage without state. */
export type StateCopies = readonly (ArrayBuffer | undefined)[];

const sizeOf = ({ state }: MapPlan) => (state === undefined ? 0 : roundUp(state.stride * state.slots, 4));

/** Latest saved resident states of a chain: the initial states on the next device. */
export class SavedStates {
  readonly #plans: readonly MapPlan[];
  /** Maximum number of messages between two saves. */
  readonly #every: number;
  #saved: StateCopies;
  /** Number of messages since the last save. */
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

  /** True for a batch after which the states must be saved. */
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

  /** Splits a copy that was read back into states. */
  read(mapped: ArrayBuffer): StateCopies {
    let at = 0;
    return this.#plans.map((plan) => {
      const begin = at;
      at += sizeOf(plan);
      return plan.state && mapped.slice(begin, at);
    });
  }

  /** Stores the states. Returns the state for a checkpoint. */
  keep(states: StateCopies, { buffer }: Saving, { pool }: Session): ArrayBuffer | undefined {
    this.#saved = states;
    pool.give(buffer);
    return this.#plans.length === 1 ? this.#saved[0] : undefined;
  }
}
