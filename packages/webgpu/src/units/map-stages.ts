import { errors } from "@ringline/core";
import { type MapPlan, Memory, roundUp } from "@ringline/core/internal";
import { type PassTimer, TIMES } from "../device/pass-timers.js";
import type { Session } from "../device/session.js";
import { COPY_DST, COPY_SRC, MAP_READ, STORAGE } from "../device/usage.js";
import { HEAD, madeBytes } from "../shaders/map-text.js";
import { planFor, uploadLookups } from "./device-body.js";
import { type CommonMemory, hasMarksOf, type Lookups, type MapPath, type PathMemory, type States } from "./map-path.js";
import { PlacePath } from "./place-path.js";
import { hasRings, RingPath } from "./ring-path.js";
import { tableBytes } from "./slot-order.js";

/** Memory of one batch in flight on a device. */
export interface BatchMemory extends CommonMemory, PathMemory {
  readonly staging: GPUBuffer;
  /** Host copy of the memory that was read back, as the device may be lost before all of it is used. */
  readonly down: Memory;
  readonly timer: PassTimer | undefined;
}

/** Memory kept for the next batch. */
interface Kept {
  readonly memory: BatchMemory;
  readonly since: number;
}

/** Limits of a batch. */
export interface MapSizes {
  /** Maximum number of messages of a batch. */
  readonly max: number;
  /** Capacity in messages of a ring between two stages. */
  readonly ring: number;
}

/** A chain of maps on one device: its execution path and resident state. */
export class MapStages {
  readonly session: Session;
  readonly states: States;
  readonly #plans: readonly MapPlan[];
  readonly #path: MapPath;
  readonly #lookups: Lookups;
  readonly #max: number;
  /** Free memory; the one used last is at the end. */
  readonly #free: Kept[] = [];
  readonly #untidy: () => void;
  #isDestroyed = false;

  private constructor(session: Session, plans: readonly MapPlan[], states: States, path: MapPath, max: number) {
    this.session = session;
    this.states = states;
    this.#plans = plans;
    this.#path = path;
    this.#lookups = plans.map(({ lookups }) => uploadLookups(session, lookups));
    this.#max = max;
    this.#untidy = session.pool.onTidy((before) => {
      while (this.#free.length > 0 && (this.#free[0] as Kept).since <= before)
        this.#giveBack((this.#free.shift() as Kept).memory);
      if (this.#free.length > 0) session.pool.wake();
    });
  }

  /**
   * Compiles the stages. Rejects with `INVALID_ARGUMENT` for a shader that does not compile, `UNSUPPORTED`,
   * `DEVICE_LOST`.
   */
  static async open(
    session: Session,
    given: readonly MapPlan[],
    ids: readonly string[],
    { max, ring }: MapSizes,
  ): Promise<MapStages> {
    const plans = given.map((plan) => planFor(plan, session));
    for (const [i, plan] of plans.entries()) checkSizes(plan, max, session.device.limits, ids[i] as string);
    const path = hasRings(plans)
      ? await RingPath.open(session, plans, ids, max, ring)
      : await PlacePath.open(session, plans, ids, max);
    if (session.lost !== undefined) throw session.lostError();
    const states = plans.map(({ state }) => {
      if (state === undefined) return undefined;
      const size = roundUp(state.stride * state.slots, 4);
      // a new buffer is zeroed, the initial value of a state
      return session.pool.make(size, STORAGE | COPY_SRC | COPY_DST);
    });
    return new MapStages(session, plans, states, path, max);
  }

  /** Returns memory for a batch, to be given back for reuse. */
  take(): BatchMemory {
    return this.#free.pop()?.memory ?? this.#make();
  }

  give(memory: BatchMemory): void {
    if (this.#isDestroyed) this.#giveBack(memory);
    else this.#free.push({ memory, since: performance.now() });
    this.session.pool.wake();
  }

  /** Drops memory that the device rejected. */
  drop(memory: BatchMemory): void {
    for (const buffer of buffersOf(memory)) this.session.pool.drop(buffer);
  }

  /** Encodes a pass that runs all stages over `count` messages in `groups` groups. Returns the number of dispatches. */
  encode(encoder: GPUCommandEncoder, memory: BatchMemory, count: number, groups: number): number {
    return this.#path.encode(encoder, memory.timer?.writes, memory, count, groups);
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#untidy();
    for (const buffer of [...this.states, ...this.#lookups.flat()])
      if (buffer !== undefined) this.session.pool.drop(buffer);
    for (const { memory } of this.#free.splice(0)) this.#giveBack(memory);
  }

  #giveBack(memory: BatchMemory): void {
    const { pool, timers } = this.session;
    if (memory.timer !== undefined) timers?.give(memory.timer);
    for (const buffer of buffersOf(memory)) pool.give(buffer);
  }

  #make(): BatchMemory {
    const { pool, timers } = this.session;
    const max = this.#max;
    const [first, last] = [this.#plans[0] as MapPlan, this.#plans.at(-1) as MapPlan];
    const hasMarks = hasMarksOf(this.#plans);
    const common: CommonMemory = {
      batch: pool.take(HEAD + max * first.input.stride, STORAGE | COPY_DST),
      groups: first.state === undefined ? undefined : pool.take(tableBytes(max), STORAGE | COPY_DST),
      out: pool.take(max * madeBytes(last), STORAGE | COPY_SRC),
      marks: hasMarks ? pool.take(max * 4, STORAGE | COPY_SRC | COPY_DST) : undefined,
    };
    const path = this.#path.make(common, this.states, this.#lookups);
    const bytes = roundUp(max * madeBytes(last), 8) + roundUp(max * 4, 8) + (path.report?.bytes ?? 0) + TIMES;
    return {
      ...common,
      ...path,
      staging: pool.take(bytes, MAP_READ | COPY_DST),
      down: new Memory(new ArrayBuffer(bytes)),
      timer: timers?.take(),
    };
  }
}

function checkSizes(plan: MapPlan, max: number, limits: GPUSupportedLimits, kernelId: string): void {
  const { input, state } = plan;
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const batch = HEAD + max * Math.max(input.stride, madeBytes(plan));
  const slots = state === undefined ? 0 : state.stride * state.slots;
  for (const [argument, bytes] of Object.entries({ "state.slots": slots, "batch.bytes": batch })) {
    if (bytes <= most) continue;
    const remedy = `That makes ${bytes} bytes; the device takes at most ${most} in one array (maxStorageBufferBindingSize).`;
    const value = argument === "batch.bytes" ? batch : state?.slots;
    throw new errors.INVALID_ARGUMENT({ argument, value }, { kernelId, remedy });
  }
}

function buffersOf({ batch, groups, out, marks, staging, own }: BatchMemory): GPUBuffer[] {
  return [batch, groups, out, marks, staging, ...own].filter((buffer) => buffer !== undefined);
}
