import type { UnifiedBuffer } from "../buffers/unified-buffer-types.js";
import type { PortOptions } from "../kernels/kernel.js";
import type { Supervision } from "../kernels/supervision.js";
import type { AnyField, Field, FieldKind } from "../layouts/field.js";
import type { Layout } from "../layouts/struct.js";
import type { MessageOf, MessageType } from "../messages/message-type.js";
import type { BatchOptions } from "../time/wait-options.js";

// biome-ignore lint/suspicious/noExplicitAny: matches every type
type Any = any;

/** A message type whose body is a layout. */
export type Shaped = MessageType<string, Any, Any, Layout<Any, FieldKind>>;
export interface Problem<Text extends string> {
  readonly "~problem": Text;
}
export type Fixed<M extends Shaped> =
  M["schema"] extends Layout<Any, "fixed">
    ? M
    : Problem<`a map has no place for the buffer in ${M["type"]}: use kind 'program'`>;
export type BodyOf<M extends Shaped> = M extends MessageType<string, infer Body, Any, Any> ? Body : never;
export type BufferNames<Body> = {
  [Name in keyof Body]: Body[Name] extends UnifiedBuffer<unknown> ? Name : never;
}[keyof Body];
export type Scalars<Body> = [Exclude<keyof Body, BufferNames<Body>>] extends [never]
  ? void
  : Omit<Body, BufferNames<Body>>;
/** A body as the host function sees it: typed arrays in place of buffers. */
export type HostView<Body> = {
  readonly [Name in keyof Body]: Body[Name] extends UnifiedBuffer<infer Many> ? Many : Body[Name];
};

/** A body as the host function may return it: any list of numbers is accepted for a vector or an array of them. */
export type HostOutput<Value> =
  Value extends UnifiedBuffer<unknown>
    ? Value
    : Value extends Float32Array | Int32Array | Uint32Array | readonly number[]
      ? ArrayLike<number>
      : Value extends readonly (infer Item)[]
        ? readonly HostOutput<Item>[]
        : Value extends object
          ? { readonly [Name in keyof Value]: HostOutput<Value[Name]> }
          : Value;

export interface ComputeOptions<Id, I, O, Lookups> extends PortOptions {
  readonly id: Id;
  /** `import.meta.url`, so that a thread or host can load the kernel, which must be an export and capture nothing. */
  readonly module?: string | undefined;
  readonly input: I;
  readonly output: O;
  /** The device body. The structs of the messages are declared before it, under the names of their types. */
  readonly wgsl: string;
  /** Restart policy. Compute kernels always commit: outputs leave when their batch is done. */
  readonly supervise?: Supervision | undefined;
  /**
   * Largest difference between the two bodies, relative or absolute, whichever allows more.
   *
   * @default 0
   */
  readonly tolerance?: number | undefined;
  /** Values of constants that `wgsl` declares with `override`. */
  readonly constants?: Readonly<Record<string, number | boolean>> | undefined;
  /**
   * Arrays that are constant, beside all messages: uploaded once, `array<T>` under their names in WGSL, and the last
   * argument of the host body. `values`: at least one, or a function that computes them at the first use.
   */
  readonly lookups?:
    | {
        readonly [Name in keyof Lookups]: {
          readonly of: Field<Any, Lookups[Name]>;
          readonly values: ArrayLike<unknown> | (() => ArrayLike<unknown>);
        };
      }
    | undefined;
  /**
   * Behaviour on a device that lacks a feature, such as `shader-f16`: launching fails with `UNSUPPORTED` ("error"), or
   * the host body runs ("host").
   *
   * @default "error"
   */
  readonly fallback?: "error" | "host" | undefined;
}

/** A device body for devices with certain features. The first whose features are all present is used. */
export interface Variant {
  /** Features of WebGPU, such as "subgroups"; `enable` them in the text where WGSL wants it. */
  readonly features: readonly string[];
  readonly wgsl: string;
}

/**
 * A kernel with one invocation per message. WGSL: `fn map(m: In) -> Out`; with `filter` `fn map(m: In, out:
 * ptr<function, Out>) -> bool`; `state` adds `s: ptr<storage, State, read_write>` at the end.
 */
export interface MapDefinition<
  Id,
  I extends Shaped,
  O extends Shaped,
  State,
  F extends boolean,
  Lookups,
  N extends number,
> extends ComputeOptions<Id, Fixed<I>, Fixed<O>, Lookups> {
  readonly kind: "map";
  /**
   * Maximum number of messages that go to the device together, and milliseconds that the first waits for more.
   *
   * @default `{ max: 1024, linger: 1 }`
   */
  readonly batch?: BatchOptions | undefined;
  /**
   * True for a kernel that may discard inputs, for which its host body returns null.
   *
   * @default false
   */
  readonly filter?: F | undefined;
  /**
   * Order in which the stages after a filter in a chain get the messages that the filter keeps. Only resident state in
   * these stages depends on it: the outputs of the chain are in order in any case. "unordered" is faster.
   *
   * @default "preserve"
   */
  readonly order?: "preserve" | "unordered" | undefined;
  /** @deprecated The earlier name of `order`; its "fifo" is "preserve" there. */
  readonly ordering?: "fifo" | "unordered" | undefined;
  /**
   * Resident state: `slots` structs, initially zero, selected by an integer field of the input modulo `slots`; messages
   * of one slot are processed in order. The state is saved after at most `checkpointEvery` messages (default 65,536):
   * if the device is lost, the next one processes later messages again.
   */
  readonly state?: {
    readonly layout: Layout<State, "fixed">;
    readonly slots: number;
    readonly key: keyof BodyOf<I> & string;
    readonly checkpointEvery?: number | undefined;
  };
  /**
   * Maximum number of outputs of one input, 1 to 65,535, for a map that gives a list: `fn map(m: In, out: ptr<function,
   * array<Out, N>>) -> u32` returns the number of its outputs, the host body returns the list. More outputs fail the
   * message with `OUTPUT_OVERFLOW`. In a chain on the device such a map is the last stage.
   */
  readonly outputs?: N | undefined;
  /** Other device bodies, the preferred one first. */
  readonly variants?: readonly Variant[] | undefined;
  readonly host: (
    message: MessageOf<I>,
    state: State,
    lookups: Lookups,
  ) => [N] extends [never] ? HostOutput<BodyOf<O>> | (F extends true ? null : never) : readonly HostOutput<BodyOf<O>>[];
}

/** A number of elements, or of lanes, in one to three dimensions. */
export type Size = number | readonly [x: number, y: number] | readonly [x: number, y: number, z: number];

/**
 * A pass: `fn entry(i: u32)` is called for every `i` below `elements`; `fn entry(at: vec2u)` and `fn entry(at: vec3u)`
 * for every place in two or three dimensions. With a second parameter `step: u32` it gets the number of the run. An
 * entry written with `@compute` is dispatched as it is, in as many workgroups as `elements` needs; if a single number
 * needs more than 65,535 they are arranged in several rows, so that it must read `@builtin(num_workgroups)`.
 */
export interface PassDefinition<M, Counter extends string, Uniforms> {
  readonly entry: string;
  /** 0 to 4,294,967,295 in all; the device limits each dimension to 65,535 workgroups. */
  readonly elements: (message: M, step: number) => Size;
  /**
   * Lanes, at most 1,024 in all.
   *
   * @default what the text says, or 64, 8 × 8 and 4 × 4 × 4
   */
  readonly workgroup?: Size | undefined;
  /**
   * Number of runs in a row, 0 to 65,536.
   *
   * @default 1
   */
  readonly repeat?: ((message: M) => number) | undefined;
  /** Values of `uniforms` for each run. */
  readonly uniforms?: ((message: M, step: number) => HostOutput<Uniforms>) | undefined;
  /**
   * Counter whose value, when the pass starts, is the number of its elements: an indirect dispatch. `elements` is then
   * the maximum.
   */
  readonly count?: NoInfer<Counter> | undefined;
}

/** Passes that run in rounds: `step` is the number of the round, from 0. */
export interface LoopDefinition<M, Counter extends string, Uniforms> {
  readonly loop: readonly Omit<PassDefinition<M, Counter, Uniforms>, "repeat">[];
  /** Maximum number of rounds, 0 to 65,536. */
  readonly most: (message: M) => number;
  /**
   * Counter that the device sets to 0 before each round. The loop ends after a round that leaves it at 0. A pass with
   * the same counter as `count` gets its value from before the round.
   */
  readonly while?: NoInfer<Counter> | undefined;
}

/**
 * Passes over large arrays. In WGSL every buffer is bound by the name of its field, the input's other fields are
 * `params.name`, the output's other fields `result.name`. Where input and output share a name, the output's buffer is
 * `out_name`.
 */
export interface ProgramDefinition<
  Id,
  I extends Shaped,
  O extends Shaped,
  Scratch extends string,
  Counter extends string,
  Update extends string,
  Uniforms,
  Lookups,
> extends ComputeOptions<Id, I, O, Lookups> {
  readonly kind: "program";
  /** Elements of each output buffer, zeros until a pass writes them. Of a counted one it is the maximum. */
  readonly shape: (message: MessageOf<I>) => { readonly [Name in Exclude<BufferNames<BodyOf<O>>, Update>]: number };
  /**
   * Output arrays that start as the input arrays of the same name and type, and are changed in place: one array in
   * WGSL, without `out_`. The input itself stays as it is.
   */
  readonly update?: readonly Update[] | undefined;
  /**
   * Counters on the device, initially 0, in WGSL `counts.name` of type `atomic<u32>`. A counter with the name of an
   * output array gives its length; `append_name(value)` adds an element, in no particular order. A count above the
   * array's `shape` fails the message with `OUTPUT_OVERFLOW`.
   */
  readonly counters?: readonly Counter[] | undefined;
  /** Values that passes get for each run, scalars and vectors: `uniforms.name` in WGSL. */
  readonly uniforms?: Layout<Uniforms, "fixed"> | undefined;
  /** Buffers for the passes only; initially zero. */
  readonly scratch?: Readonly<
    Record<Scratch, { readonly of: AnyField; readonly length: (message: MessageOf<I>) => number }>
  >;
  /** Passes in order, each after the one before is done. */
  readonly passes: Passes<MessageOf<I>, Counter, Uniforms>;
  /** Other device bodies, the preferred one first, with the same arrays; `passes` if these differ. */
  readonly variants?:
    | readonly (Variant & { readonly passes?: Passes<MessageOf<I>, Counter, Uniforms> | undefined })[]
    | undefined;
  /** Fills the output's arrays; returns its other fields, and the length of each counted array under its name. */
  readonly host: (
    input: HostView<BodyOf<I>>,
    output: Pick<HostView<BodyOf<O>>, BufferNames<BodyOf<O>>>,
    lookups: Lookups,
  ) => HostResult<BodyOf<O>, Counter>;
}

type Passes<M, Counter extends string, Uniforms> = readonly (
  | PassDefinition<M, Counter, Uniforms>
  | LoopDefinition<M, Counter, Uniforms>
)[];

/** Result of a program's host body. */
type HostResult<Body, Counter extends string> = [Counter & BufferNames<Body>] extends [never]
  ? HostOutput<Scalars<Body>>
  : HostOutput<Omit<Body, BufferNames<Body>> & { readonly [Name in Counter & BufferNames<Body>]: number }>;
