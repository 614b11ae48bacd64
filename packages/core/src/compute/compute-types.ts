import type { UnifiedBuffer } from "../buffers/unified-buffer-types.js";
import type { PortOptions } from "../kernels/kernel.js";
import type { Supervision } from "../kernels/supervision.js";
import type { AnyField, FieldKind } from "../layouts/field.js";
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

export interface ComputeOptions<Id, I, O> extends PortOptions {
  readonly id: Id;
  /** `import.meta.url`, so that a thread or host can load the kernel, which must be an export and capture nothing. */
  readonly module?: string | undefined;
  readonly input: I;
  readonly output: O;
  /** The device body. The structs of the messages are declared before it, under the names of their types. */
  readonly wgsl: string;
  /** Restart policy. Compute kernels always commit: outputs leave when their batch is done. */
  readonly supervise?: Supervision | undefined;
  /** Largest difference between the two bodies, relative or absolute, whichever allows more. Default 0. */
  readonly tolerance?: number | undefined;
}

/**
 * A kernel with one invocation per message. WGSL: `fn map(m: In) -> Out`; with `filter` `fn map(m: In, out:
 * ptr<function, Out>) -> bool`; `state` adds `s: ptr<storage, State, read_write>` at the end.
 */
export interface MapDefinition<Id, I extends Shaped, O extends Shaped, State, F extends boolean>
  extends ComputeOptions<Id, Fixed<I>, Fixed<O>> {
  readonly kind: "map";
  /**
   * Maximum number of messages that go to the device together, and milliseconds that the first waits for more.
   * Default `{ max: 1024, linger: 1 }`.
   */
  readonly batch?: BatchOptions | undefined;
  /** True for a kernel that may discard inputs, for which its host body returns null. Default false. */
  readonly filter?: F | undefined;
  /**
   * Order in which the stages after a filter in a chain get the messages that the filter keeps. Only resident state in
   * these stages depends on it: the outputs of the chain are in order in any case. "unordered" is faster. Default
   * "fifo".
   */
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
  readonly host: (message: MessageOf<I>, state: State) => HostOutput<BodyOf<O>> | (F extends true ? null : never);
}

/**
 * Passes over large arrays. In WGSL every buffer is bound by the name of its field, the input's other fields are
 * `params.name`, the output's other fields `result.name`. Where input and output share a name, the output's buffer is
 * `out_name`.
 */
export interface ProgramDefinition<Id, I extends Shaped, O extends Shaped, Scratch extends string>
  extends ComputeOptions<Id, I, O> {
  readonly kind: "program";
  /** Elements of each output buffer, zeros until a pass writes them. */
  readonly shape: (message: MessageOf<I>) => { readonly [Name in BufferNames<BodyOf<O>>]: number };
  /** Buffers for the passes only; initially zero. */
  readonly scratch?: Readonly<
    Record<Scratch, { readonly of: AnyField; readonly length: (message: MessageOf<I>) => number }>
  >;
  /**
   * Passes in order, each after the one before is done: `fn entry(i: u32)` is called for every `i` below `elements`.
   * An entry written with `@compute` is dispatched as it is, in as many workgroups as `elements` needs; beyond 65,535
   * they are arranged in several rows, so that it must read `@builtin(num_workgroups)`. `elements`: 0 to
   * 4,294,967,295. `workgroup`: 1 to 256, by default what the text says, or 64. `repeat`: number of runs in a row, 0
   * to 65,536, default 1; `fn entry(i: u32, step: u32)` gets the number of the run, from 0.
   */
  readonly passes: readonly {
    readonly entry: string;
    readonly elements: (message: MessageOf<I>, step: number) => number;
    readonly workgroup?: number | undefined;
    readonly repeat?: ((message: MessageOf<I>) => number) | undefined;
  }[];
  /** Fills the output's arrays; returns its other fields. */
  readonly host: (
    input: HostView<BodyOf<I>>,
    output: Pick<HostView<BodyOf<O>>, BufferNames<BodyOf<O>>>,
  ) => HostOutput<Scalars<BodyOf<O>>>;
}
