import type { AnyMessage } from "../messages/any-message.js";
import { checkBatch } from "../time/wait-options.js";
import { checkedAt, checkFunction, checkName, checkNodeOptions, type NodePlace, wrongOption } from "./node-place.js";
import type { BatchPlan, FilterPlan, JoinPlan, RoutePlan } from "./plan.js";
import type { BatchNodeOptions, JoinOptions, NodeOptions } from "./topology.js";

/** A route condition that accepts all messages that no other route accepts. */
export const otherwise: () => boolean = () => true;

type Test = (message: AnyMessage) => boolean;
/** A node of a draft before it is connected; an empty name is replaced later. */
type Unconnected<Node> = Omit<Node, "from" | "branches" | "module">;

/** Plans a filter. Throws `INVALID_ARGUMENT`, as do all functions below. */
export function planFilter(keep: unknown, options: NodeOptions, place: NodePlace): Unconnected<FilterPlan> {
  checkFunction(place, "keep", keep);
  return { kind: "filter", name: checkOwnOptions(options, [], place), keep: keep as Test };
}

export function planRoute(routes: unknown, options: NodeOptions, place: NodePlace): Unconnected<RoutePlan> {
  if (typeof routes !== "object" || routes === null || Object.keys(routes).length === 0) {
    throw wrongOption(place, "routes", routes, "pass an object with a function for each route.");
  }
  const entries = Object.entries(routes);
  for (const [route, test] of entries) checkFunction(place, `routes.${route}`, test);
  const rests = entries.filter(([, test]) => test === otherwise);
  if (rests.length > 1) {
    throw wrongOption(
      place,
      `routes.${rests[1]![0]}`,
      otherwise,
      "one route takes the rest, a second would get nothing.",
    );
  }
  const inOrder = [...entries.filter(([, test]) => test !== otherwise), ...rests];
  return { kind: "route", name: checkOwnOptions(options, [], place), routes: new Map(inOrder as [string, Test][]) };
}

export function planBatch(into: unknown, options: BatchNodeOptions, place: NodePlace): Unconnected<BatchPlan> {
  checkFunction(place, "into", into);
  const name = checkOwnOptions(options, ["max", "linger"], place);
  checkedAt(place, () => checkBatch(options));
  const { max, linger } = options;
  const isLimited = linger !== undefined && linger < Number.POSITIVE_INFINITY;
  return { kind: "batch", name, into: into as BatchPlan["into"], max, linger: isLimited ? linger : undefined };
}

export function planJoin(into: unknown, options: JoinOptions, place: NodePlace): Unconnected<JoinPlan> {
  checkFunction(place, "into", into);
  const name = checkOwnOptions(options, ["timeout"], place);
  const { timeout } = options;
  if (!(typeof timeout === "number" && timeout >= 0)) {
    throw wrongOption(place, "timeout", timeout, "a join needs a `timeout` in milliseconds, 0 or more, or Infinity.");
  }
  return { kind: "join", name, into: into as JoinPlan["into"], timeout };
}

/** The branches of a join as a list. */
export function checkBranches(branches: unknown, place: NodePlace): readonly [string, unknown][] {
  if (typeof branches === "object" && branches !== null && Object.keys(branches).length > 0) {
    return Object.entries(branches);
  }
  throw wrongOption(place, "branches", branches, "pass an object with a wire for each branch.");
}

function checkOwnOptions(options: NodeOptions, known: readonly string[], place: NodePlace): string {
  checkNodeOptions(place, options, ["name", ...known]);
  checkName(place, "name", options.name);
  return options.name ?? "";
}
