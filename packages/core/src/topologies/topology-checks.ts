import { checkOptions } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";
import { type JoinPlan, nameOf, outletsOf, type Plan, type PlanNode, type Source, sourcesOf } from "./plan.js";
import type { TopologyOptions } from "./topology.js";

/** The options of a topology, with defaults applied. */
export interface TopologySettings {
  readonly name: string;
  readonly module: string | undefined;
  readonly supervise: "one-for-one" | "all-for-one";
}

const KNOWN = ["module", "supervise"];

/** Throws `INVALID_ARGUMENT`. */
export function checkTopologyOptions(name: unknown, options: TopologyOptions = {}): TopologySettings {
  if (typeof name !== "string" || name === "") {
    throw wrong("name", name, "The name of a topology is a string that is not empty.");
  }
  checkOptions(options, KNOWN, `topology "${name}"`);
  const { module, supervise = "one-for-one" } = options;
  if (module !== undefined && typeof module !== "string") {
    throw wrong("module", module, `Pass \`import.meta.url\` to topology "${name}".`);
  }
  if (supervise !== "one-for-one" && supervise !== "all-for-one") {
    const remedy = `Topology "${name}" takes "one-for-one" or "all-for-one"; a restart policy belongs to a kernel or a stage: \`stage(kernel, { supervise: { restart: "on-failure" } })\`.`;
    throw wrong("supervise", supervise, remedy);
  }
  return { name, module, supervise };
}

function wrong(argument: string, value: unknown, remedy: string) {
  return new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
}

/** Returns the plan if it can run. Throws `INVALID_TOPOLOGY`. */
export function checkGraph(plan: Plan): Plan {
  if (plan.nodes.length === 0) {
    throw invalidTopology(plan.name, [], "it has no nodes", "Give it a stage: `input.stage(kernel)`.");
  }
  checkWires(plan);
  checkJoins(plan);
  return plan;
}

/** Checks that every output of a node leads to another node or to the exit. */
function checkWires({ name, nodes, exit }: Plan): void {
  const read = new Set(nodes.flatMap((node) => sourcesOf(node).map(({ source }) => key(source))));
  if (exit !== undefined) read.add(key(exit));
  const dangling = nodes.flatMap((node, i) => outletsOf(node, i)).filter((source) => !read.has(key(source)));
  if (dangling.length === 0) return;
  const names = dangling.map((source) => nameOf(source, nodes));
  const problem = `no node reads the output of ${listed(names)}`;
  const remedy = "Connect it to a stage, merge it into the result, or end it in a kernel without output.";
  throw invalidTopology(name, names, problem, remedy);
}

const key = ({ node, route }: Source): string => JSON.stringify([node, route]);

/**
 * Rejects joins that can never complete: two branches that no input feeds both. Throws `INVALID_TOPOLOGY` with the
 * names of the join, the two branches and the node where they diverge.
 */
function checkJoins({ name, nodes }: Plan): void {
  const paths = pathsOf(nodes);
  for (const node of nodes) if (node.kind === "join") checkJoin(name, node, nodes, paths);
}

function checkJoin(topology: string, join: JoinPlan, nodes: readonly PlanNode[], paths: Paths): void {
  const branches = [...join.branches];
  for (const [i, [left, from]] of branches.entries()) {
    for (const [right, other] of branches.slice(i + 1)) {
      const parting = paths.divergence(from, other);
      if (parting === undefined) continue;
      const at = nodes[parting]!;
      const ends = [from, other].map((source) => nameOf(source, nodes));
      const why =
        at.kind === "batch"
          ? `"${at.name}" mixes inputs on the way to one of them only`
          : `an input takes one route of "${at.name}"`;
      const remedy =
        at.kind === "batch"
          ? `Batch after the join, or before the branches part.`
          : `Use \`merge\` where one of several branches answers; a join wants a message of each.`;
      const problem = `join "${join.name}" can never complete: its branches "${left}" and "${right}" (from ${listed(ends)}) never get the same input, as ${why}`;
      throw invalidTopology(topology, [...new Set([join.name, ...ends, at.name])], problem, remedy);
    }
  }
}

/** `problem` is a sentence without its full stop that names the nodes. */
export function invalidTopology(topology: string, nodes: readonly string[], problem: string, remedy?: string) {
  return new errors.INVALID_TOPOLOGY({ topology, nodes, problem }, { remedy, stage: nodes[0] });
}

/** Formats node names as a list in a sentence. */
export function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

/** One path of an input through a graph: the routes that it took, the batches that it passed. */
interface RoutePath {
  /** Route node → route. */
  readonly routes: ReadonlyMap<number, string>;
  /** Undefined if unknown. */
  readonly batches: readonly number[] | undefined;
}

/** The paths of one input to a node. */
interface Reach {
  readonly paths: readonly RoutePath[];
  /** True if several messages of one input may arrive, so that they can diverge at a route. */
  readonly isSeveral: boolean;
}

export interface Paths {
  /**
   * The node, a route or a batch, at which inputs diverge on the way to two sources; undefined if one can feed both.
   */
  divergence(left: Source, right: Source): number | undefined;
}

const START: Reach = { paths: [{ routes: new Map(), batches: [] }], isSeveral: false };
const UNKNOWN: readonly RoutePath[] = [{ routes: new Map(), batches: undefined }];
/** Maximum paths per node: they double with every merge of routes, and beyond this no join is rejected. */
const MOST = 64;

/** Computes the paths to each node. `nodes`: each after all of its sources. */
export function pathsOf(nodes: readonly PlanNode[]): Paths {
  const reached: Reach[] = [];
  const at = ({ node, route }: Source): Reach => {
    const reach = node === -1 ? START : reached[node]!;
    if (route === null || reach.isSeveral) return reach;
    return { ...reach, paths: reach.paths.map((path) => ({ ...path, routes: new Map(path.routes).set(node, route) })) };
  };
  for (const [i, node] of nodes.entries()) {
    const from = sourcesOf(node).map(({ source }) => at(source));
    reached.push(through(node, i, from));
  }
  return { divergence: (left, right) => divergenceOf(at(left).paths, at(right).paths) };
}

function through(node: PlanNode, index: number, from: readonly Reach[]): Reach {
  const [first] = from as [Reach];
  switch (node.kind) {
    case "kernel": {
      // this check assumes that a stage with one declared output sends one message for each input
      const splits = node.kernel.output.length > 1 || (node.by === "broadcast" && node.workers > 1);
      return { ...first, isSeveral: first.isSeveral || splits };
    }
    case "batch":
      return {
        ...first,
        paths: first.paths.map((path) => ({ ...path, batches: path.batches && [...path.batches, index] })),
      };
    case "merge": {
      const isSeveral = from.some((reach) => reach.isSeveral) || intersects(from.map(({ paths }) => paths));
      return { paths: limited(from.flatMap(({ paths }) => paths)), isSeveral };
    }
    case "join":
      return { paths: union(from.map(({ paths }) => paths)), isSeveral: from.some((reach) => reach.isSeveral) };
    default:
      return first;
  }
}

function limited(paths: readonly RoutePath[]): readonly RoutePath[] {
  return paths.length > MOST || paths.length === 0 ? UNKNOWN : paths;
}

/** True if one input can feed two of the sources. */
function intersects(all: readonly (readonly RoutePath[])[]): boolean {
  return all.some((paths, i) => all.slice(i + 1).some((others) => divergenceOf(paths, others) === undefined));
}

/** The paths of the messages that a join sends. */
function union(branches: readonly (readonly RoutePath[])[]): readonly RoutePath[] {
  return branches.reduce((before, paths) => {
    const both = before.flatMap((left) =>
      paths.filter((right) => diverges(left, right) === undefined).map(merged(left)),
    );
    return limited(both);
  });
}

const merged =
  (left: RoutePath) =>
  (right: RoutePath): RoutePath => ({
    routes: new Map([...left.routes, ...right.routes]),
    batches: left.batches && right.batches && left.batches,
  });

function divergenceOf(lefts: readonly RoutePath[], rights: readonly RoutePath[]): number | undefined {
  const partings = lefts.flatMap((left) => rights.map((right) => diverges(left, right)));
  return partings.includes(undefined) ? undefined : partings[0];
}

/** The node at which two paths diverge; undefined if one input can take both. */
function diverges(left: RoutePath, right: RoutePath): number | undefined {
  for (const [node, route] of left.routes) {
    const other = right.routes.get(node);
    if (other !== undefined && other !== route) return node;
  }
  if (left.batches === undefined || right.batches === undefined) return undefined;
  const [batches, others] = [new Set(left.batches), new Set(right.batches)];
  return left.batches.find((batch) => !others.has(batch)) ?? right.batches.find((batch) => !batches.has(batch));
}
