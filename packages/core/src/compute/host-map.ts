import { errors } from "../errors/ringline-error.js";
import type { Handle } from "../kernels/kernel.js";
import type { KernelContext } from "../kernels/kernel-context.js";
import { type FieldPlan, roundUp, type ScalarType } from "../layouts/field-plan.js";
import { Memory, read, write } from "../layouts/packer.js";
import { numbers, roundToHalf, zeroOf } from "../layouts/values.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { MessageType } from "../messages/message-type.js";
import type { HostMade, MapPlan, SlotsPlan } from "./compute-plan.js";
import { checkCount, wrapping } from "./host-program.js";
import { hostLookups } from "./lookup.js";

type Body = Readonly<Record<string, unknown>>;
type HostMap = (message: never, state: never, lookups: never) => object | null;
type MakeOutput = (body: object) => AnyMessage;

/** The state that a compute kernel saves by `ctx.checkpoint`, on every backend: its slots as bytes. */
export interface SavedSlots {
  readonly slots: ArrayBuffer;
}

/** The host body of a map as a function of one message. */
export function hostMap(
  plan: MapPlan,
  host: HostMap,
  output: MessageType<string, object>,
): Handle<never, unknown, never> {
  const make = wrapping(plan.output.plan, output as unknown as MakeOutput);
  const { outputs } = plan;
  const answer = (body: object | null): HostMade => {
    if (outputs !== undefined) return several(body, outputs, make);
    if (body !== null) return make(body);
    if (plan.filter) return undefined;
    const issues = [{ message: "is null, which only a map with `filter: true` may give" }];
    throw new errors.INVALID_MESSAGE({ type: output.type, issues });
  };
  const { state } = plan;
  const lookups = hostLookups(plan.lookups);
  const body = (message: never, own: never) => host(message, own, lookups());
  if (state === undefined) return (message) => answer(body(message, undefined as never));
  // contexts identify incarnations, each of which has its own state
  const slots = new WeakMap<object, HostSlots>();
  const handle = (message: Body, ctx: KernelContext<never, never>): HostMade => {
    let own = slots.get(ctx);
    if (own === undefined) {
      own = new HostSlots(state, ctx);
      slots.set(ctx, own);
    }
    return answer(own.apply(body, message));
  };
  return handle as unknown as Handle<never, unknown, never>;
}

/** Outputs of a map that returns a list. Throws `OUTPUT_OVERFLOW`, and `INVALID_ARGUMENT` if it is none. */
function several(bodies: unknown, capacity: number, make: MakeOutput): readonly AnyMessage[] {
  if (!Array.isArray(bodies)) {
    const remedy = "The host body of a map with `outputs` returns a list.";
    throw new errors.INVALID_ARGUMENT({ argument: "outputs", value: bodies }, { remedy });
  }
  checkCount("outputs", bodies.length, capacity);
  return bodies.map(make);
}

/** Index of a slot: the key modulo the number of slots. */
export function slotOf(key: number, slots: number): number {
  const index = key % slots;
  return index < 0 ? index + slots : index;
}

/** Resident state of one incarnation on the host: objects, created when their slot is first used. */
class HostSlots {
  readonly #plan: SlotsPlan;
  readonly #ctx: KernelContext<never, never>;
  readonly #slots = new Map<number, Record<string, unknown>>();
  #unsaved = 0;

  constructor(plan: SlotsPlan, ctx: KernelContext<never, never>) {
    this.#plan = plan;
    this.#ctx = ctx;
    const saved = ctx.restored as SavedSlots | undefined;
    if (saved !== undefined) this.#restore(saved.slots);
  }

  apply(host: (message: never, state: never) => object | null, message: Body): object | null {
    const index = slotOf(message[this.#plan.key] as number, this.#plan.slots);
    let slot = this.#slots.get(index);
    if (slot === undefined) {
      slot = zeroOf(this.#plan.plan) as Record<string, unknown>;
      this.#slots.set(index, slot);
    }
    const result = host(message as never, slot as never);
    for (const { name, plan } of this.#plan.plan.members) slot[name] = held(plan, slot[name]);
    if (++this.#unsaved >= this.#plan.checkpointEvery) {
      this.#unsaved = 0;
      const { ctx, state } = { ctx: this.#ctx as KernelContext<never, never, {}, SavedSlots>, state: this.#save() };
      void ctx.checkpoint(state).catch(() => {}); // the kernel has ended and needs no checkpoint
    }
    return result;
  }

  #save(): SavedSlots {
    const { plan, stride, slots } = this.#plan;
    const bytes = new ArrayBuffer(roundUp(stride * slots, 4));
    const memory = new Memory(bytes);
    for (const [index, slot] of this.#slots) write(plan, slot, memory, index * stride);
    return { slots: bytes };
  }

  #restore(saved: ArrayBuffer): void {
    const { plan, stride, slots } = this.#plan;
    const memory = new Memory(saved);
    for (let i = 0; i < slots; i++) this.#slots.set(i, read(plan, memory, i * stride) as Record<string, unknown>);
  }
}

/** Rounds a value as device memory does, so that both bodies continue from the same state. */
function held(plan: FieldPlan, value: unknown): unknown {
  switch (plan.kind) {
    case "scalar":
      return heldNumber(plan.scalar, value as number);
    case "vector":
      return Array.from(value as ArrayLike<number>, (one) => heldNumber(plan.scalar, one));
    case "array":
      return heldArray(plan, value as ArrayLike<unknown>);
    case "struct": {
      const fields = value as Record<string, unknown>;
      return Object.fromEntries(plan.members.map(({ name, plan: member }) => [name, held(member, fields[name])]));
    }
    case "buffer":
      return value;
  }
}

/** Rounds an array; typed arrays other than those of halves are already exact. */
function heldArray({ of }: Extract<FieldPlan, { kind: "array" }>, value: ArrayLike<unknown>): unknown {
  const isAlike = of.kind === "scalar" && of.scalar !== "f16" && ArrayBuffer.isView(value);
  if (isAlike) return value;
  if (of.kind !== "scalar") return Array.from(value, (one) => held(of, one));
  const many = numbers(of.scalar, value.length);
  for (let i = 0; i < many.length; i++) many[i] = heldNumber(of.scalar, value[i] as number);
  return many;
}

function heldNumber(scalar: ScalarType, value: number): number {
  switch (scalar) {
    case "i32":
      return value | 0;
    case "u32":
      return value >>> 0;
    case "f16":
      return roundToHalf(value);
    case "f32":
      return Math.fround(value);
  }
}
