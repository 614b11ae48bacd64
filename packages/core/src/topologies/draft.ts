import { errors } from "../errors/ringline-error.js";
import { definitionOf } from "../kernels/define-kernel.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { hasFunction } from "../kernels/on-error.js";
import type { AnyMessageType } from "../messages/message-type.js";
import { type Carried, isTopology, nameOf, type Plan, type PlanNode, rewired, type Source } from "./plan.js";
import {
  checkName,
  checkNodeOptions,
  type NodePlace,
  planBatch,
  planFilter,
  planRoute,
  wrongOption,
} from "./plan-nodes.js";
import { type AnyStageOptions, checkStageOnError, planStage } from "./plan-stage.js";
import type { BatchNodeOptions, NodeOptions } from "./topology.js";
import { invalidTopology, type TopologySettings } from "./topology-checks.js";

/** A point at which messages leave a draft. */
export interface Tap {
  /** Undefined if no messages come out. */
  readonly source: Source | undefined;
  /** Undefined if only functions determine the types. */
  readonly carries: Carried | undefined;
  /** The stage before the point, for errors. */
  readonly after: string;
}

/** A topology while it is being defined. Nodes without a name have an empty one until it is finished. */
export class Draft {
  readonly nodes: PlanNode[] = [];
  /** Names of nodes and of nested topologies. */
  readonly #names = new Set<string>();

  constructor(readonly settings: TopologySettings) {}

  copy(): Draft {
    const copy = new Draft(this.settings);
    copy.nodes.push(...this.nodes);
    for (const name of this.#names) copy.#names.add(name);
    return copy;
  }

  /** Throws `INVALID_ARGUMENT`, `TYPE_MISMATCH`, `INVALID_TOPOLOGY`. */
  stage(from: Tap, stage: unknown, options: AnyStageOptions = {}): Tap {
    const kernel = definitionOf(stage);
    if (kernel !== undefined) return this.#kernel(from, kernel, options);
    if (isTopology(stage)) return this.#nested(from, stage["~plan"], options);
    throw new errors.INVALID_ARGUMENT(
      { argument: "stage", value: stage },
      { remedy: `A stage of "${this.settings.name}" is made by defineKernel, pipeline() or graph().` },
    );
  }

  #kernel(from: Tap, kernel: KernelDefinition, options: AnyStageOptions): Tap {
    const name = options?.name ?? kernel.id;
    const source = this.source(from, name);
    const place = { ...this.place(name), kernelId: kernel.id };
    const node = planStage(kernel, options, source, this.settings.module, place);
    if (kernel.input.length === 0) {
      const problem = `"${name}" takes no messages, so nothing can feed it`;
      throw invalidTopology(this.settings.name, [name], problem, "Feed the flow from outside: `flow.process(source)`.");
    }
    checkFit(this.nodes, from, kernel.input, place);
    const tap = this.add(node, carried(kernel.output));
    return kernel.output.length === 0 ? { ...tap, source: undefined } : tap;
  }

  #nested(from: Tap, plan: Plan, options: AnyStageOptions): Tap {
    const name = options?.name ?? plan.name;
    const source = this.source(from, name);
    const place = this.place(name);
    checkNestedOptions(options, place);
    checkFit(this.nodes, from, plan.input, place);
    const offset = this.nodes.length;
    const inner = nestedNodes(plan, name, options, source, offset);
    this.#claim(name, ...inner.map((node) => node.name));
    this.nodes.push(...inner);
    const exit = plan.exit && movedSource(plan.exit, source, offset);
    return { source: exit, carries: plan.exit?.node === -1 ? from.carries : plan.output, after: name };
  }

  filter(from: Tap, keep: unknown, options: NodeOptions = {}): Tap {
    const source = this.source(from, "filter");
    const node = planFilter(keep, options, this.place(options?.name ?? "filter"));
    return this.add({ ...node, from: source, module: this.settings.module }, unsure(from.carries));
  }

  batch(from: Tap, into: unknown, options: BatchNodeOptions): Tap {
    const source = this.source(from, "batch");
    const node = planBatch(into, options, this.place(options?.name ?? "batch"));
    return this.add({ ...node, from: source, module: this.settings.module }, carriedInto(into));
  }

  /** One tap for each route. */
  route(from: Tap, routes: unknown, options: NodeOptions = {}): readonly (readonly [string, Tap])[] {
    const source = this.source(from, "route");
    const node = planRoute(routes, options, this.place(options?.name ?? "route"));
    const tap = this.add({ ...node, from: source, module: this.settings.module }, unsure(from.carries));
    return Object.keys(routes as object).map((route) => [route, { ...tap, source: { ...tap.source!, route } }]);
  }

  /** Throws `INVALID_TOPOLOGY` for a name that an earlier node has. */
  add(node: PlanNode, carries: Carried | undefined): Tap {
    if (node.name !== "") this.#claim(node.name);
    this.nodes.push(node);
    return { source: { node: this.nodes.length - 1, route: null }, carries, after: node.name || node.kind };
  }

  #claim(...names: readonly string[]): void {
    for (const name of names) {
      if (!this.#names.has(name)) continue;
      const remedy = `Name one of them: \`stage(…, { name: "${names[0]}_2" })\`.`;
      throw invalidTopology(this.settings.name, [name], `two of its nodes are called "${name}"`, remedy);
    }
    for (const name of names) this.#names.add(name);
  }

  place(node: string): NodePlace {
    return { topology: this.settings.name, node, kernelId: null };
  }

  /** Returns the source of a tap. Throws `INVALID_TOPOLOGY` if no messages come out of the tap. */
  source({ source, after }: Tap, to: string): Source {
    if (source !== undefined) return source;
    const problem = `nothing can follow "${after}", which sends nothing: "${to}" would wait for ever`;
    throw invalidTopology(this.settings.name, [to, after], problem, `Let "${after}" declare an output, or end there.`);
  }
}

/** Throws `TYPE_MISMATCH` if a stage does not accept the types of a tap, for callers without type checks. */
function checkFit(
  nodes: readonly PlanNode[],
  { carries, source, after }: Tap,
  input: readonly AnyMessageType[],
  { topology, node, kernelId }: NodePlace,
): void {
  const wanted = input.map(({ type }) => type);
  const misfits = carries?.find((types) => !types.some((type) => wanted.includes(type)));
  if (misfits === undefined) return;
  const before = source?.node === -1 ? "the input" : `"${nameOf(source!, nodes) || after}"`;
  const remedy =
    `In "${topology}" stage "${node}" takes ${wanted.join(", ")}, but what comes before it, ${before}, sends ` +
    `${misfits.join(" or ")}: filter or route that elsewhere, or put a stage between that turns it into the other.`;
  throw new errors.TYPE_MISMATCH({ wanted, got: misfits[0]! }, { kernelId, stage: node, remedy });
}

const KNOWN = ["name", "backend", "onError"];

/** Throws `INVALID_ARGUMENT` for an option that a nested topology does not accept. */
function checkNestedOptions(options: AnyStageOptions, place: NodePlace): void {
  checkNodeOptions(place, options, KNOWN, "a nested topology");
  checkName(place, "name", options.name);
  checkName(place, "backend", options.backend);
  checkStageOnError(place, options.onError);
  if (hasFunction(options.onError)) {
    const remedy = "a nested topology takes an action; give the function to the stages inside.";
    throw wrongOption(place, "onError", options.onError, remedy);
  }
}

/** Maps a source of a nested plan to the outer plan: the nested input is the source that feeds the stage. */
function movedSource({ node, route }: Source, from: Source, offset: number): Source {
  return node === -1 ? from : { node: node + offset, route };
}

/** The nodes of a nested plan as nodes of the outer one, which has `offset` nodes before them. */
function nestedNodes(
  { nodes }: Plan,
  prefix: string,
  options: AnyStageOptions,
  from: Source,
  offset: number,
): readonly PlanNode[] {
  return nodes.map((inner) => {
    const node = { ...rewired(inner, (source) => movedSource(source, from, offset)), name: `${prefix}/${inner.name}` };
    if (node.kind !== "kernel") return node;
    const group = node.group === null ? null : [prefix, node.group].filter((part) => part !== "").join("/");
    const onError = node.onError ?? (options.onError as typeof node.onError);
    return { ...node, group, backend: node.backend ?? options.backend, onError };
  });
}

/** Finishes a draft: gives every node a name. */
export function finish({ settings, nodes }: Draft, input: readonly AnyMessageType[], exit: Tap): Plan {
  const isOneGroup = settings.supervise === "all-for-one";
  return Object.freeze({
    ...settings,
    input,
    output: exit.source && exit.carries,
    nodes: named(nodes).map((node) =>
      Object.freeze(isOneGroup && node.kind === "kernel" ? { ...node, group: "" } : node),
    ),
    exit: exit.source,
  });
}

/** Nodes without a name get their kind as their name, numbered from the second on. */
function named(nodes: readonly PlanNode[]): readonly PlanNode[] {
  const used = new Set(nodes.flatMap(({ name }) => [name, name.split("/")[0]!])); // nested topologies have names, too
  return nodes.map((node) => {
    if (node.name !== "") return node;
    let name: string = node.kind;
    for (let i = 2; used.has(name); i++) name = `${node.kind}_${i}`;
    used.add(name);
    return { ...node, name };
  });
}

/** The input of a topology. */
export function inputTap(types: readonly AnyMessageType[]): Tap {
  return { source: { node: -1, route: null }, carries: carried(types), after: "input" };
}

export function carried(types: readonly AnyMessageType[]): Carried {
  return types.map(({ type }) => [type]);
}

/** The type that `into` makes, if it is a message type. */
export function carriedInto(into: unknown): Carried | undefined {
  const { type, is } = into as Partial<AnyMessageType>;
  return typeof type === "string" && typeof is === "function" ? [[type]] : undefined;
}

/** The types after a node that drops some messages: one list of all types. */
export function unsure(carries: Carried | undefined): Carried | undefined {
  return carries && [[...new Set(carries.flat())]];
}
