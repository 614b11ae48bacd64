import type { Backend, DeviceTelemetry } from "@ringline/core";
import type { UnitSpec } from "@ringline/core/backend";
import {
  type AnyMessage,
  type BatchExecutor,
  type BatchOutcome,
  type ChainStage,
  createMessage,
  hostBatches,
  SharedBuffer,
  type Start,
  stagesOf,
} from "@ringline/core/internal";
import { memoryBackend } from "../../src/keepers/memory-backend.js";

/** Results of a stage for the messages of a batch, by place; undefined for those that were kept back. */
export type Made = readonly (object | undefined)[];

/** Faults of the device. */
export interface DeviceFaults {
  /** The order in which a stage takes the places of its messages. */
  order?(places: readonly number[], stage: number): readonly number[];
  /** Replaces the results of a stage. `batch`: from 0. */
  made?(made: Made, taken: Made, batch: number): Made;
  /** Returns the object that holds the state of a stage: any that stays the same. */
  home?(own: object, batch: number): object;
  /** An error of one message fails its whole batch. */
  readonly failsTogether?: boolean;
}

/** The error that a message failed with. */
class Failure {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** A backend with a device in memory: it works on batches and keeps chains to itself, by the host bodies. */
export function memoryDevice(faults: DeviceFaults = {}): Backend {
  const sound = memoryBackend();
  return {
    manifest: { ...sound.manifest, capabilities: { "fused-compute": true } },
    async start(core) {
      const place = await sound.start(core);
      const spawn = async (unit: UnitSpec, start: Start) =>
        unit.kernel.compute === undefined ? place.spawn(unit, start) : hostBatches(unit, new Lanes(unit, faults));
      return { ...place, spawn };
    },
  };
}

class Lanes implements BatchExecutor {
  readonly linger = 1;
  readonly depth = 3;
  readonly #stages: readonly ChainStage[];
  readonly #homes: readonly object[];
  readonly #faults: DeviceFaults;
  /** Batches are worked on one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #batches = 0;

  constructor({ kernel, restored }: UnitSpec, faults: DeviceFaults) {
    this.#stages = stagesOf(kernel);
    this.#homes = this.#stages.map(() => ({ restored, checkpoint: async () => {} }));
    this.#faults = faults;
  }

  isFull({ length }: readonly AnyMessage[]): boolean {
    return length >= 512;
  }

  run(messages: readonly AnyMessage[]): Promise<BatchOutcome> {
    const running = this.#last.then(() => this.#work(messages));
    this.#last = running.catch(() => {});
    return running;
  }

  stats(): DeviceTelemetry {
    const [batches, none] = [this.#batches, 0];
    return {
      ...{ batches, dispatches: batches, submits: batches, readbacks: batches, bytesUp: none, bytesDown: none },
      ...{ repeated: none, inFlight: none, buffersMade: none, bufferBytes: none, pipelinesMade: none, losses: none },
      ...{ adapter: "memory", isSoftware: true, deviceTime: null },
      inner: this.#stages.map(() => ({ received: none, sent: none, stalls: none })),
    };
  }

  dispose(): void {}

  async #work(messages: readonly AnyMessage[]): Promise<BatchOutcome> {
    const batch = this.#batches++;
    let made: Made = messages;
    for (const [index, stage] of this.#stages.entries()) {
      const taken = made;
      made = await this.#stage(stage, index, taken, batch);
      if (index > 0) for (const one of taken) release(one);
    }
    const { type } = (this.#stages.at(-1) as ChainStage).plan.output;
    const output = (index: number) => {
      const one = made[index];
      if (one instanceof Failure) throw one.error;
      if (Array.isArray(one)) return one.map((each) => createMessage(type, { ...each }, undefined));
      return one && createMessage(type, { ...one }, undefined);
    };
    return { output, release() {} };
  }

  async #stage({ host }: ChainStage, index: number, taken: Made, batch: number): Promise<Made> {
    const { order, made, home, failsTogether } = this.#faults;
    const own = this.#homes[index] as object;
    const ctx = home?.(own, batch) ?? own;
    const places = [...taken.keys()].filter((place) => taken[place] !== undefined);
    const results: (object | undefined)[] = taken.map(() => undefined);
    for (const place of order?.(places, index) ?? places) {
      const message = taken[place] as AnyMessage | Failure;
      try {
        results[place] = message instanceof Failure ? message : await host(message, ctx);
      } catch (error) {
        if (failsTogether) throw error;
        results[place] = new Failure(error);
      }
    }
    return made?.(results, taken, batch) ?? results;
  }
}

/** Nobody else will see what passed between two stages. */
function release(made: object | undefined): void {
  for (const value of Object.values(made ?? {})) if (value instanceof SharedBuffer) value.release();
}
