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
  /** What it takes. */
  readonly input: readonly AnyMessageType[];
  /** A node comes after all that feed it. */
  readonly nodes: readonly PlanNode[];
  /** What flows out; undefined for a topology that ends in sinks. */
  readonly exit: Source | undefined;
}

/** Where a message comes from: a node, by its place in `nodes`, or the input of the topology (-1). */
export interface Source {
  readonly node: number;
  /** Of a `route` node: which of its routes. */
  readonly route: string | null;
}

interface Named {
  /** Unique in its plan. */
  readonly name: string;
}
type One = Named & { readonly from: Source };

export interface StagePlan extends One {
  readonly kind: "kernel";
  readonly kernel: KernelDefinition;
  /** The name of a backend; undefined for the runtime's default. */
  readonly backend: string | undefined;
  readonly workers: number;
  readonly by: "round-robin" | "least-loaded" | "broadcast" | ((message: AnyMessage) => string | number);
  readonly order: "preserve" | "any";
  /** Messages a second, all workers together; Infinity for no limit. */
  readonly rate: number;
  /** In place of the kernel's own. */
  readonly onError: OnError<AnyMessage, unknown> | undefined;
  readonly supervise: Supervision | undefined;
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
