/**
 * The part of the public surface that is not built yet, declared on top of what is: each piece moves into `src` with the
 * issue that builds it. What exists is `core.…`; a name without it is the same thing as it will be.
 * 1 errors · 2 layouts and buffers · 3 compute kernels
 */
import type * as core from "@ringline/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type {} from "./extension.js";

// biome-ignore lint/suspicious/noExplicitAny: matches every type
type Any = any;

// ── 1. errors

export interface ErrorTable extends core.ErrorTable {
  DEVICE_LOST: { reason: string };
}
export type ErrorCode = keyof ErrorTable;
export interface RinglineError<Code extends ErrorCode>
  extends Omit<core.RinglineError<core.ErrorCode>, "code" | "details"> {
  readonly code: Code;
  readonly details: Readonly<ErrorTable[Code]>;
}
export type AnyRinglineError = { [Code in ErrorCode]: RinglineError<Code> }[ErrorCode];
export declare const errors: {
  readonly [Code in ErrorCode]: new (
    details: ErrorTable[Code],
    options?: ErrorOptions,
  ) => RinglineError<Code>;
};
export declare function isRinglineError<Code extends ErrorCode = ErrorCode>(
  value: unknown,
  ...codes: Code[]
): value is Extract<AnyRinglineError, { readonly code: Code }>;

// ── 2. layouts and buffers

type Kind = "fixed" | "buffer";
/** A field: its value, what many values are together, and whether it has a fixed place in a struct. */
export interface Field<out Value, out Many, out K extends Kind = "fixed"> {
  readonly wgsl: string;
  readonly "~field": { value: Value; many: Many; kind: K };
}
type Vec3 = readonly [number, number, number];
export declare const f32: Field<number, Float32Array>;
export declare const u32: Field<number, Uint32Array>;
export declare const vec3f: Field<Vec3, readonly Vec3[]>;
/** A fixed array inside the struct. */
export declare function array<Many>(of: Field<unknown, Many>, length: number): Field<Many, readonly Many[]>;
/** A large array beside the struct: in the message a `UnifiedBuffer`, in WGSL a storage binding with the field's name. */
export declare function buffer<Many>(of: Field<unknown, Many>): Field<UnifiedBuffer<Many>, never, "buffer">;
/** Type, packer and WGSL of one struct; a Standard Schema and itself a field. */
export interface Layout<out T, out K extends Kind> extends StandardSchemaV1<Any, T>, Field<T, readonly T[], K> {
  /** Bytes of one element, padding included. */
  readonly stride: number;
}
export declare function struct<F extends Record<string, Field<unknown, unknown, Kind>>>(
  fields: F,
): Layout<{ [Name in keyof F]: F[Name]["~field"]["value"] }, F[keyof F]["~field"]["kind"]>;
/** One array with a host and a device side, synchronised when read. Reference counted; give it back with `using`. */
export interface UnifiedBuffer<Many> extends Disposable {
  /** Elements. */
  readonly length: number;
  readonly byteLength: number;
  readonly side: "host" | "device" | "both" | "lost";
  /** The host side, up to date; reads back from the device only if it must. */
  read(options?: core.WaitOptions): Promise<Many>;
  write(data: ArrayLike<number>, offset?: number): void;
}
/** From the pool; zeroed when made by length. */
export declare function unifiedBuffer<Many>(
  of: Field<unknown, Many>,
  from: number | ArrayLike<number>,
): UnifiedBuffer<Many>;

// ── 3. compute kernels

type Shaped = core.MessageType<string, Any, Any, Layout<unknown, Kind>>;
interface Problem<Text extends string> {
  readonly "~problem": Text;
}
type Fixed<M extends Shaped> =
  M["schema"] extends Layout<unknown, "fixed">
    ? M
    : Problem<`a map has no place for the buffer in ${M["type"]}: use kind 'program'`>;
type BodyOf<M extends Shaped> = M extends core.MessageType<string, infer Body, Any, Any> ? Body : never;
type BufferNames<Body> = { [Name in keyof Body]: Body[Name] extends UnifiedBuffer<unknown> ? Name : never }[keyof Body];
type Scalars<Body> = [Exclude<keyof Body, BufferNames<Body>>] extends [never] ? void : Omit<Body, BufferNames<Body>>;
/** A body as the host function sees it: typed arrays in place of buffers. */
export type HostView<Body> = {
  readonly [Name in keyof Body]: Body[Name] extends UnifiedBuffer<infer Many> ? Many : Body[Name];
};

interface ComputeOptions<Id, I, O> extends core.PortOptions {
  readonly id: Id;
  readonly module?: string;
  readonly input: I;
  readonly output: O;
  readonly wgsl: string;
  readonly supervise?: core.Supervision;
  /** Largest difference between the two bodies, relative or absolute, whichever allows more. Default 0. */
  readonly tolerance?: number;
}
/**
 * One lane a message. WGSL: `fn map(m: In) -> Out`; with `filter` `fn map(m: In, out: ptr<function, Out>) -> bool`;
 * `state` adds `ptr<storage, State, read_write>`.
 */
interface MapDefinition<Id, I extends Shaped, O extends Shaped, State, F extends boolean>
  extends ComputeOptions<Id, Fixed<I>, Fixed<O>> {
  readonly kind: "map";
  /** Default `{ max: 1024, linger: 1 }`. */
  readonly batch?: core.BatchOptions;
  /** Some inputs give no output. Default false. */
  readonly filter?: F;
  /** Resident state: `slots` structs, chosen by an integer field of the input; one slot's messages are taken in order. */
  readonly state?: {
    readonly layout: Layout<State, "fixed">;
    readonly slots: number;
    readonly key: keyof BodyOf<I> & string;
  };
  readonly host: (message: core.MessageOf<I>, state: State) => BodyOf<O> | (F extends true ? null : never);
}
/** Passes over large arrays. Every field is bound by its name: buffers as storage, the rest in the uniform `params`. */
interface ProgramDefinition<Id, I extends Shaped, O extends Shaped, Scratch extends string>
  extends ComputeOptions<Id, I, O> {
  readonly kind: "program";
  /** Elements of each output buffer. */
  readonly shape: (message: core.MessageOf<I>) => { readonly [Name in BufferNames<BodyOf<O>>]: number };
  /** Buffers that only the passes see. */
  readonly scratch?: Readonly<
    Record<Scratch, { readonly of: Field<unknown, unknown>; readonly length: (message: core.MessageOf<I>) => number }>
  >;
  /** In order. `elements` is rounded up to whole workgroups; `workgroup` is lanes, 64 unless said otherwise. */
  readonly passes: readonly {
    readonly entry: string;
    readonly elements: (message: core.MessageOf<I>) => number;
    readonly workgroup?: number;
  }[];
  /** Fills the output's arrays; returns its other fields. */
  readonly host: (
    input: HostView<BodyOf<I>>,
    output: Pick<HostView<BodyOf<O>>, BufferNames<BodyOf<O>>>,
  ) => Scalars<BodyOf<O>>;
}
/** Two bodies: `host` is the reference and runs on CPU backends, `wgsl` runs on WebGPU. */
export declare function defineComputeKernel<
  const Id extends string,
  I extends Shaped,
  O extends Shaped,
  State = {},
  const F extends boolean = false,
  Scratch extends string = never,
>(
  definition: MapDefinition<Id, I, O, State, F> | ProgramDefinition<Id, I, O, Scratch>,
): core.Kernel<Id, core.MessageOf<I>, core.MessageOf<O>, never>;
