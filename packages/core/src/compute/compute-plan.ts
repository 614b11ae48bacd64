import type { FieldPlan, StructPlan } from "../layouts/field-plan.js";
import type { AnyMessage } from "../messages/any-message.js";

/** One end of a compute kernel: a message type with a layout. */
export interface LayoutEnd {
  /** Name of the message type and of its struct in WGSL. */
  readonly type: string;
  readonly plan: StructPlan;
  /** Bytes of one message, padding included, buffers excluded. */
  readonly stride: number;
}

export interface CommonPlan {
  readonly input: LayoutEnd;
  readonly output: LayoutEnd;
  readonly wgsl: string;
  readonly tolerance: number;
  /** Values of `override` constants, by name. */
  readonly constants: Readonly<Record<string, number>>;
  readonly lookups: readonly LookupPlan[];
  /** Device bodies for devices with more features, the preferred one first. */
  readonly variants: readonly VariantPlan[];
  /** True for a kernel whose host body runs on a device that lacks a feature. */
  readonly fallsBack: boolean;
}

/** A constant array of a kernel. */
export interface LookupPlan {
  readonly name: string;
  readonly of: FieldPlan;
  /** Values, made when they are first used. Throws `INVALID_ARGUMENT` unless these are at least one. */
  readonly values: () => { readonly bytes: Uint8Array<ArrayBuffer>; readonly many: unknown; readonly length: number };
}

/** Another device body, for devices with these features. */
export interface VariantPlan {
  readonly features: readonly string[];
  readonly wgsl: string;
  /** Passes of a program; undefined: the same. */
  readonly passes: Pick<ProgramPlan, "passes" | "loops"> | undefined;
}

/** Resident state of a map. */
export interface SlotsPlan {
  readonly plan: StructPlan;
  readonly stride: number;
  readonly slots: number;
  /** The integer field of the input that chooses the slot: its value modulo `slots`. */
  readonly key: string;
  /** Maximum number of messages between two checkpoints. */
  readonly checkpointEvery: number;
}

/** A map: one invocation per message. */
export interface MapPlan extends CommonPlan {
  readonly kind: "map";
  readonly batch: { readonly max: number; readonly linger: number };
  readonly filter: boolean;
  /** Maximum number of outputs of one input, for a map that returns a list; undefined for one that does not. */
  readonly outputs: number | undefined;
  readonly ordering: "fifo" | "unordered";
  readonly state: SlotsPlan | undefined;
}

/** Sizes in three dimensions: x, y, z. */
export type Sizes = readonly [x: number, y: number, z: number];

/** A pass: one invocation per element. */
export interface PassPlan {
  readonly entry: string;
  readonly elements: (message: never, step: number) => number | readonly number[];
  /** Invocations per workgroup; undefined: as the text has it, or the default. */
  readonly workgroup: Sizes | undefined;
  /** Number of consecutive runs of the pass; without it, one. */
  readonly repeat: ((message: never) => number) | undefined;
  readonly uniforms: ((message: never, step: number) => object) | undefined;
  /** Counter whose value is the number of elements, up to `elements`. */
  readonly count: string | undefined;
}

/** Consecutive passes that run in rounds. */
export interface LoopPlan {
  /** Index of the first pass, and the index behind the last one. */
  readonly from: number;
  readonly to: number;
  /** Maximum number of rounds. */
  readonly most: (message: never) => number;
  /** Counter that is set to 0 before each round; the loop ends if it is still 0 after the round. */
  readonly while: string | undefined;
}

/** Struct whose values a pass gets with each of its runs. */
export interface UniformsPlan {
  readonly plan: StructPlan;
  readonly stride: number;
  /** Converts values to their fields. Throws `INVALID_ARGUMENT`; `argument` names the values. */
  readonly fit: (argument: string, values: unknown) => object;
}

/** Passes over large arrays. */
export interface ProgramPlan extends CommonPlan {
  readonly kind: "program";
  /** Elements of each output buffer, by name. */
  readonly shape: (message: never) => Readonly<Record<string, number>>;
  readonly scratch: readonly {
    readonly name: string;
    readonly of: FieldPlan;
    readonly length: (message: never) => number;
  }[];
  readonly passes: readonly PassPlan[];
  readonly loops: readonly LoopPlan[];
  /** Counters on the device; one with the name of an output array gives its length. */
  readonly counters: readonly string[];
  readonly uniforms: UniformsPlan | undefined;
  /** Output arrays that start as the input arrays of the same name. */
  readonly update: readonly string[];
}

/** A kernel of a chain. */
export interface ChainStage {
  readonly id: string;
  readonly plan: MapPlan | ProgramPlan;
  /** The host body. */
  readonly host: (message: AnyMessage, ctx: object) => HostMade | Promise<HostMade>;
}

/** Result of a host body: a list only from a map with several outputs, which is the last of its chain. */
export type HostMade = AnyMessage | readonly AnyMessage[] | undefined;

/** Consecutive kernels of one kind; only the input of the first and the output of the last are visible outside. */
export interface ChainPlan {
  readonly kind: "chain";
  readonly stages: readonly ChainStage[];
}

/** The device body of a kernel that has one. */
export type ComputePlan = MapPlan | ProgramPlan | ChainPlan;
