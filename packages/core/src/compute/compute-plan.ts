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

interface CommonPlan {
  readonly input: LayoutEnd;
  readonly output: LayoutEnd;
  readonly wgsl: string;
  readonly tolerance: number;
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
  readonly ordering: "fifo" | "unordered";
  readonly state: SlotsPlan | undefined;
}

/** A pass: one invocation per element. */
export interface PassPlan {
  readonly entry: string;
  readonly elements: (message: never, step: number) => number;
  /** Invocations per workgroup; undefined: as the text has it, or 64. */
  readonly workgroup: number | undefined;
  /** Number of consecutive runs of the pass; without it, one. */
  readonly repeat: ((message: never) => number) | undefined;
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
}

/** A kernel of a chain. */
export interface ChainStage {
  readonly id: string;
  readonly plan: MapPlan | ProgramPlan;
  /** The host body. */
  readonly host: (message: AnyMessage, ctx: object) => AnyMessage | undefined | Promise<AnyMessage | undefined>;
}

/** Consecutive kernels of one kind; only the input of the first and the output of the last are visible outside. */
export interface ChainPlan {
  readonly kind: "chain";
  readonly stages: readonly ChainStage[];
}

/** The device body of a kernel that has one. */
export type ComputePlan = MapPlan | ProgramPlan | ChainPlan;
