import { errors } from "../errors/ringline-error.js";
import type { KernelDefinition, OnError } from "../kernels/kernel.js";
import type { Supervision } from "../kernels/supervision.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { AnyMessageType } from "../messages/message-type.js";

/**
 * A checked topology as data: nested topologies are flattened, the names of their nodes are prefixed ("outer/inner"). A
 * plan need not be checked again.
 */
export interface Plan {
  readonly name: string;
  readonly module: string | undefined;
  readonly supervise: "one-for-one" | "all-for-one";
  /** Input types. */
  readonly input: readonly AnyMessageType[];
  /**
   * Types that leave by the exit, without failures; undefined without an exit, or if only functions determine the type.
   */
  readonly output: Carried | undefined;
  /** The nodes, each after all of its sources. */
  readonly nodes: readonly PlanNode[];
  /** Source of the output; undefined for a topology that ends in sinks. */
  readonly exit: Source | undefined;
}

/** The origin of a message in a plan: a node, by its index in `nodes`, or the input of the topology (-1). */
export interface Source {
  readonly node: number;
  /** The route of a `route` node; null for other nodes. */
  readonly route: string | null;
}

/**
 * The message types at a point of a plan, by name: at least one of each list. A filter or a route drops types that are
 * not known, so its types are one list; the types of a kernel's output are a list each.
 */
export type Carried = readonly (readonly string[])[];

interface Named {
  /** Unique in its plan. */
  readonly name: string;
  /** The module of the topology that defines the node, where its functions are found. */
  readonly module: string | undefined;
}
type One = Named & { readonly from: Source };

/** Limits within which a stage adapts the number of its workers to its load. */
export interface Scaling {
  readonly min: number;
  readonly max: number;
  /** Milliseconds between two decisions. */
  readonly every: number;
}

export interface StagePlan extends One {
  readonly kind: "kernel";
  /** The kernel under its own id, with the stage's `queueSize` and `backpressure`. */
  readonly kernel: KernelDefinition;
  /** The name of a backend; undefined for the runtime's default. */
  readonly backend: string | undefined;
  /** Number of workers at the start. */
  readonly workers: number;
  /** Maximum number of workers; 1 for a stage that cannot have several. */
  readonly maxWorkers: number;
  /** Limits of a stage that adapts the number of workers to its load. */
  readonly scaling: Scaling | undefined;
  readonly by: "round-robin" | "least-loaded" | "broadcast" | ((message: AnyMessage) => string | number);
  /** Name of the field that `by` reads; it crosses to other places, unlike a function. */
  readonly key: string | undefined;
  readonly order: "preserve" | "unordered";
  /** Messages a second, all workers together; Infinity for no limit. */
  readonly rate: number;
  /** True if the edge to the stage is durable: what it accepts outlives the program. */
  readonly durable: boolean;
  /** True for a stage of a durable topology: another program may repeat its outputs. */
  readonly isKept?: boolean;
  /** Overrides the kernel's own. */
  readonly onError: OnError<AnyMessage, unknown> | undefined;
  /** Overrides the kernel's own options, one by one. */
  readonly supervise: Supervision | undefined;
  /**
   * Stages of one group restart together; null for a stage that restarts alone. Named after the nested topology with
   * "all-for-one"; "" if the whole plan has it.
   */
  readonly group: string | null;
}
export interface FilterPlan extends One {
  readonly kind: "filter";
  readonly keep: (message: AnyMessage) => boolean;
}
export interface RoutePlan extends One {
  readonly kind: "route";
  /** Routes in the order in which they are tried. */
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
  /** Milliseconds from the first message of an input; Infinity for no limit. */
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

/**
 * The property under which a topology keeps its plan. An interface instead of a class, because a module may bring its
 * own copy of this package.
 */
export interface Planned {
  readonly "~plan": Plan;
}

/**
 * The checked plan of a topology. Throws `INVALID_ARGUMENT` for a value that is no topology, `INVALID_TOPOLOGY` for
 * an empty one.
 */
export function planOf(topology: unknown): Plan {
  if (isTopology(topology)) return topology["~plan"];
  throw new errors.INVALID_ARGUMENT(
    { argument: "topology", value: topology },
    {
      remedy:
        "Pass a topology made by pipeline() or graph(). Launch a single kernel, or make it a stage of a pipeline.",
    },
  );
}

export function isTopology(value: unknown): value is Planned {
  return typeof value === "object" && value !== null && "~plan" in value;
}

/** The sources of a node, with the branch of each if the node is a join. */
export function sourcesOf(node: PlanNode): readonly { readonly source: Source; readonly branch: string | null }[] {
  if (node.kind === "join") return [...node.branches].map(([branch, source]) => ({ source, branch }));
  const sources = node.kind === "merge" ? node.from : [node.from];
  return sources.map((source) => ({ source, branch: null }));
}

/** A copy of a node with its sources mapped by `moved`. */
export function rewired(node: PlanNode, moved: (source: Source) => Source): PlanNode {
  switch (node.kind) {
    case "join":
      return { ...node, branches: new Map([...node.branches].map(([name, source]) => [name, moved(source)])) };
    case "merge":
      return { ...node, from: node.from.map(moved) };
    default:
      return { ...node, from: moved(node.from) };
  }
}

/** The points at which messages leave a node; empty for a stage without output. */
export function outletsOf(node: PlanNode, index: number): readonly Source[] {
  if (node.kind === "route") return [...node.routes.keys()].map((route) => ({ node: index, route }));
  if (node.kind === "kernel" && node.kernel.output.length === 0) return [];
  return [{ node: index, route: null }];
}

/** The name of a source in errors and drawings. */
export function nameOf(source: Source, nodes: readonly PlanNode[]): string {
  const name = nodes[source.node]?.name ?? "input";
  return source.route === null ? name : `${name}.${source.route}`;
}
