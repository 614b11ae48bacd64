import type { KernelDefinition, OnError } from "../kernels/kernel.js";
import type { Supervision } from "../kernels/supervision.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { AnyMessageType } from "../messages/message-type.js";

/**
 * A topology as data, the way it runs: nested ones are taken apart, the names of their nodes are prefixed ("outer/inner").
 * It is checked: whatever holds one need not check it again.
 */
export interface Plan {
  readonly name: string;
  readonly module: string | undefined;
  readonly supervise: "one-for-one" | "all-for-one";
  /** Input types. */
  readonly input: readonly AnyMessageType[];
  /** Types that leave by the exit, without failures; undefined if nothing does, or only functions know the type. */
  readonly output: Carried | undefined;
  /** A node comes after all that feed it. */
  readonly nodes: readonly PlanNode[];
  /** Source of the output; undefined for a topology that ends in sinks. */
  readonly exit: Source | undefined;
}

/** The origin of a message in a plan: a node, by its index in `nodes`, or the input of the topology (-1). */
export interface Source {
  readonly node: number;
  /** Of a `route` node: which of its routes. */
  readonly route: string | null;
}

/**
 * The messages that flow somewhere, as names of types: of each list one or more. A filter or a route keeps some back and does
 * not say which, so that its types are one list; the types of a kernel's output are a list each.
 */
export type Carried = readonly (readonly string[])[];

interface Named {
  /** Unique in its plan. */
  readonly name: string;
  /** The module of the topology that it was written in, where its functions can be found. */
  readonly module: string | undefined;
}
type One = Named & { readonly from: Source };

export interface StagePlan extends One {
  readonly kind: "kernel";
  /** With the stage's `queueSize` and `backpressure`; under its own id. */
  readonly kernel: KernelDefinition;
  /** The name of a backend; undefined for the runtime's default. */
  readonly backend: string | undefined;
  readonly workers: number;
  readonly by: "round-robin" | "least-loaded" | "broadcast" | ((message: AnyMessage) => string | number);
  /** Name of the field that `by` reads; it crosses to other places, unlike a function. */
  readonly key: string | undefined;
  readonly order: "preserve" | "any";
  /** Messages a second, all workers together; Infinity for no limit. */
  readonly rate: number;
  /** The edge that leads to it outlives its program. */
  readonly durable: boolean;
  /** True for a stage of a durable topology: another program may repeat what it makes. */
  readonly isKept?: boolean;
  /** In place of the kernel's own. */
  readonly onError: OnError<AnyMessage, unknown> | undefined;
  /** Option by option in place of the kernel's own. */
  readonly supervise: Supervision | undefined;
  /**
   * Stages of one group restart together; null: it restarts alone. Named after the nested topology that says
   * "all-for-one"; "" when the whole plan does.
   */
  readonly group: string | null;
}
export interface FilterPlan extends One {
  readonly kind: "filter";
  readonly keep: (message: AnyMessage) => boolean;
}
export interface RoutePlan extends One {
  readonly kind: "route";
  /** In the order in which they are asked. */
  readonly routes: ReadonlyMap<string, (message: AnyMessage) => boolean>;
}
export interface MergePlan extends Named {
  readonly kind: "merge";
  readonly from: readonly Source[];
}
export interface JoinPlan extends Named {
  readonly kind: "join";
  readonly into: (parts: Readonly<Record<string, AnyMessage>>) => AnyMessage;
  readonly branches: ReadonlyMap<string, Source>;
  /** Milliseconds after the first of its branches came; Infinity for none. */
  readonly timeout: number;
}
export interface BatchPlan extends One {
  readonly kind: "batch";
  readonly into: (parts: { readonly items: readonly AnyMessage[] }) => AnyMessage;
  readonly max: number;
  /** Milliseconds that a batch waits for more after its first message; undefined: until it is full, or a flush. */
  readonly linger: number | undefined;
}
export type PlanNode = StagePlan | FilterPlan | RoutePlan | MergePlan | JoinPlan | BatchPlan;
