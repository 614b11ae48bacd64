import {
  buffer,
  defineComputeKernel,
  defineMessage,
  type Field,
  f32,
  i32,
  type Kernel,
  type MessageOf,
  type Shaped,
  struct,
  u32,
} from "@ringline/core";

/** An array of 32-bit floats. */
export const F32Array = defineMessage("F32Array", struct({ values: buffer(f32) }));
/** An array of unsigned 32-bit integers. */
export const U32Array = defineMessage("U32Array", struct({ values: buffer(u32) }));
/** An array of signed 32-bit integers. */
export const I32Array = defineMessage("I32Array", struct({ values: buffer(i32) }));

const ARRAYS = { f32: F32Array, u32: U32Array, i32: I32Array } as const;

/** Type of the numbers of an array, as in WGSL. */
export type NumberType = keyof typeof ARRAYS;
/** Message type of an array of these numbers. */
export type ArrayOf<T extends NumberType> = (typeof ARRAYS)[T];
export type NumbersOf<T extends NumberType> = { f32: Float32Array; u32: Uint32Array; i32: Int32Array }[T];

export const arrayOf = <T extends NumberType>(of: T): ArrayOf<T> => ARRAYS[of];
export const fieldOf = <T extends NumberType>(of: T): Field<number, NumbersOf<T>> =>
  ({ f32, u32, i32 })[of] as unknown as Field<number, NumbersOf<T>>;

/** Options of every kernel of the library. */
export interface KernelOptions<Id extends string> {
  readonly id: Id;
  /** `import.meta.url` of the module that exports the kernel, so that a thread or host can load it. */
  readonly module?: string | undefined;
}

/** Kernel between two message types. */
export type Between<Id extends string, I extends Shaped, O extends Shaped> = Kernel<
  Id,
  MessageOf<I>,
  MessageOf<O>,
  never
>;

/** Defines a kernel whose types are given by its caller, as its definition depends on its options. */
export function define<K>({ id, module }: KernelOptions<string>, definition: object): K {
  const named = { id, ...(module !== undefined && { module }) };
  return defineComputeKernel({ ...named, kind: "program", ...definition } as never) as K;
}

/** Length of the array of a message. */
export const lengthOf = ({ values }: { readonly values: { readonly length: number } }): number => values.length;

/** Number of lanes that divide a large array among them, each with a contiguous part. */
export const PARTS = 4096;
export const partsOf = (message: { readonly values: { readonly length: number } }): number =>
  Math.min(PARTS, lengthOf(message));

/** WGSL: the part of a lane in an array of `n` elements. */
export const PART = `struct Part { begin: u32, end: u32 }
fn part_of(lane: u32, n: u32) -> Part {
  let size = (n + ${PARTS - 1}u) / ${PARTS}u;
  return Part(min(lane * size, n), min((lane + 1u) * size, n));
}`;
