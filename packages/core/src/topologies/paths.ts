import type { PlanNode, Source } from "./plan.js";
import { sourcesOf } from "./plan-sources.js";

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
    return { ...reach, paths: reach.paths.map((way) => ({ ...way, routes: new Map(way.routes).set(node, route) })) };
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
        paths: first.paths.map((way) => ({ ...way, batches: way.batches && [...way.batches, index] })),
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

function limited(ways: readonly RoutePath[]): readonly RoutePath[] {
  return ways.length > MOST || ways.length === 0 ? UNKNOWN : ways;
}

/** True if one input can feed two of the sources. */
function intersects(all: readonly (readonly RoutePath[])[]): boolean {
  return all.some((ways, i) => all.slice(i + 1).some((others) => divergenceOf(ways, others) === undefined));
}

/** The paths of the messages that a join sends. */
function union(branches: readonly (readonly RoutePath[])[]): readonly RoutePath[] {
  return branches.reduce((before, ways) => {
    const both = before.flatMap((left) =>
      ways.filter((right) => diverges(left, right) === undefined).map(merged(left)),
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
