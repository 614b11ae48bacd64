import { type MapPlan, roundUp } from "@ringline/core/internal";
import type { Session } from "../device/session.js";
import { COPY_DST, COPY_SRC, INDIRECT, STORAGE } from "../device/usage.js";
import { controlBytes, type PassOn, type RingPosition, ringShader } from "../shaders/ring-shader.js";
import { compile } from "../shaders/shader.js";
import { sortShader } from "../shaders/sort-shader.js";
import { type RingShape, turnShader } from "../shaders/turn-shader.js";
import {
  bound,
  type CommonMemory,
  type Lookups,
  type MapPath,
  type PathMemory,
  passOf,
  type States,
} from "./map-path.js";

/** True for a chain with a filter before its last stage: later stages need not run over the whole batch. */
export const hasRings = (plans: readonly MapPlan[]) => plans.slice(0, -1).some(({ filter }) => filter);

/** Pipelines of a stage: its planning invocation, the map, and the pass that sorts the messages it keeps. */
interface RingStage {
  readonly position: RingPosition;
  readonly turn: GPUComputePipeline;
  readonly map: GPUComputePipeline;
  readonly sort: GPUComputePipeline | undefined;
}

/**
 * Path with rings of messages between the stages, on the device. In each turn, a stage takes messages from the ring
 * before it, as far as the ring behind it has capacity; discarded messages are not read again. As many turns are
 * encoded as a batch may need; turns without messages do nothing.
 */
export class RingPath implements MapPath {
  readonly #session: Session;
  readonly #plans: readonly MapPlan[];
  readonly #stages: readonly RingStage[];
  readonly #shape: RingShape;
  readonly #max: number;

  private constructor(
    session: Session,
    plans: readonly MapPlan[],
    stages: readonly RingStage[],
    shape: RingShape,
    max: number,
  ) {
    this.#session = session;
    this.#plans = plans;
    this.#stages = stages;
    this.#shape = shape;
    this.#max = max;
  }

  /** `ring`: capacity of each ring in messages; a ring is never longer than the longest batch. */
  static async open(
    session: Session,
    plans: readonly MapPlan[],
    ids: readonly string[],
    max: number,
    ring: number,
  ): Promise<RingPath> {
    const room = Math.min(ring, max);
    const rooms = plans.map((_, index) => (index === 0 ? max : room));
    const shape: RingShape = {
      rooms,
      lanes: plans.map(({ state }) => state?.slots ?? 0),
      isGrouped: plans[0]?.state !== undefined,
      keepsAll: plans.map(({ filter }) => !filter),
    };
    const stages = await Promise.all(
      plans.map(async (plan, index): Promise<RingStage> => {
        const handOn = handOnOf(plans, index);
        const position = { index, stages: plans.length, roomBefore: rooms[index] as number, roomBehind: room, handOn };
        const sortsBefore = index > 0 && handOnOf(plans, index - 1) === "sorted";
        const id = ids[index] as string;
        const [turn, map, sort] = await Promise.all([
          compile(session, turnShader(shape, sortsBefore), "ringline_turn", id),
          compile(session, ringShader(plan, position), "ringline_main", id),
          handOn === "sorted" ? compile(session, sortShader(plan.output, position), "ringline_main", id) : undefined,
        ]);
        return { position, turn, map, sort };
      }),
    );
    return new RingPath(session, plans, stages, shape, max);
  }

  make({ batch, groups, out, marks }: CommonMemory, states: States, lookups: Lookups): PathMemory {
    const { pool } = this.#session;
    const own: GPUBuffer[] = [];
    const take = (bytes: number, usage = STORAGE) => {
      const buffer = pool.take(bytes, usage);
      own.push(buffer);
      return buffer;
    };
    const control = take(controlBytes(this.#stages.length), STORAGE | COPY_SRC | COPY_DST);
    const args = take((this.#stages.length + 1) * 12, STORAGE | INDIRECT);
    const { rooms } = this.#shape;
    const rings = this.#plans.slice(0, -1).map(({ output }, i) => {
      const room = rooms[i + 1] as number;
      return { messages: take(room * output.stride), places: take(room * 4) };
    });
    const sorted = this.#plans.filter((_, i) => this.#stages[i]?.sort !== undefined);
    const hasSorted = sorted.length > 0;
    const made = hasSorted ? take(this.#max * Math.max(...sorted.map(({ output }) => output.stride))) : undefined;
    const words = Math.ceil(this.#max / 32);
    const bits = hasSorted ? take(words * 4, STORAGE | COPY_DST) : undefined;
    // each batch restores their initial value
    if (bits !== undefined) this.#session.device.queue.writeBuffer(bits, 0, new Uint32Array(words));
    const ranks = hasSorted ? take(words * 8) : undefined;
    const session = this.#session;
    const binds = this.#stages.flatMap(({ turn, map, sort, position: { handOn } }, i) => {
      const [before, behind] = [rings[i - 1], rings[i]];
      const isSorted = sort !== undefined;
      const sortsBefore = this.#stages[i - 1]?.sort !== undefined;
      const from = before === undefined ? [batch] : [before.messages, before.places];
      const to = handOn === "place" ? out : isSorted ? made : behind?.messages;
      const kept = handOn === "place" ? undefined : isSorted ? bits : behind?.places;
      const own = [states[i], i === 0 ? groups : undefined, ...(lookups[i] ?? [])];
      return [
        bound(session, turn, [control, batch, args, ...(sortsBefore ? [bits, ranks] : [])]),
        bound(session, map, [control, ...from, to, marks, kept, ...own]),
        ...(isSorted
          ? [bound(session, sort, [control, before?.places, made, ranks, behind?.messages, behind?.places])]
          : []),
      ];
    });
    return { own, binds, report: { buffer: control, bytes: controlBytes(this.#stages.length) } };
  }

  encode(
    encoder: GPUCommandEncoder,
    times: GPUComputePassTimestampWrites | undefined,
    { own, binds, marks }: CommonMemory & PathMemory,
    count: number,
    _groups: number,
  ): number {
    const [control, args] = own as readonly [GPUBuffer, GPUBuffer];
    encoder.clearBuffer(control);
    encoder.clearBuffer(marks as GPUBuffer, 0, roundUp(count * 4, 4));
    const pass = encoder.beginComputePass(passOf(times));
    let dispatches = 0;
    const run = (pipeline: GPUComputePipeline, bind: number, at: number | undefined) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, binds[bind] as GPUBindGroup);
      if (at === undefined) pass.dispatchWorkgroups(1);
      else pass.dispatchWorkgroupsIndirect(args, at);
      dispatches++;
    };
    const sortAt = this.#stages.length * 12;
    for (let turns = turnsFor(count, this.#shape.rooms); turns > 0; turns--) {
      let [bind, sorting] = [0, -1];
      let before: RingStage | undefined;
      for (const [index, stage] of this.#stages.entries()) {
        run(stage.turn, bind++, undefined);
        if (before?.sort !== undefined) run(before.sort, sorting, sortAt); // the indexes were counted just now
        run(stage.map, bind++, index * 12);
        if (stage.sort !== undefined) sorting = bind++;
        before = stage;
      }
    }
    pass.end();
    return dispatches;
  }
}

/**
 * Placement of the outputs of a stage. The last stage puts messages at their index in the batch, so that the order
 * between stages matters only to a later stage with state.
 */
function handOnOf(plans: readonly MapPlan[], index: number): PassOn {
  const { filter, ordering } = plans[index] as MapPlan;
  if (index === plans.length - 1) return "place";
  if (!filter) return "one";
  const isSeen = plans.slice(index + 1).some(({ state }) => state !== undefined);
  return isSeen && ordering === "fifo" ? "sorted" : "append";
}

/**
 * Number of turns until the last of `count` messages has passed all stages if no filter discards any, the longest case.
 */
export function turnsFor(count: number, rooms: readonly number[]): number {
  const held = rooms.map((_, stage) => (stage === 0 ? count : 0));
  let [left, turns] = [count, 0];
  for (; left > 0; turns++) {
    for (let stage = 0; stage < rooms.length; stage++) {
      const there = held[stage] as number;
      const isLast = stage === rooms.length - 1;
      const room = isLast ? there : (rooms[stage + 1] as number) - (held[stage + 1] as number);
      const taken = Math.min(there, room);
      held[stage] = there - taken;
      if (isLast) left -= taken;
      else held[stage + 1] = (held[stage + 1] as number) + taken;
    }
  }
  return turns;
}
