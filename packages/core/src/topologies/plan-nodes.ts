import { checkOptions } from "../errors/check-options.js";
import { errors, isRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import { checkBatch } from "../time/wait-options.js";
import type { BatchPlan, FilterPlan, JoinPlan, RoutePlan } from "./plan.js";
import type { BatchNodeOptions, JoinOptions, NodeOptions } from "./topology.js";

/** The node that is being defined, for errors. */
export interface NodePlace {
  readonly topology: string;
  /** Name of the node, or its kind if it has no name yet. */
  readonly node: string;
  readonly kernelId: string | null;
}

type Test = (message: AnyMessage) => boolean;
/** A node of a draft before it is connected; an empty name is replaced later. */
type Unconnected<Node> = Omit<Node, "from" | "branches" | "module">;

/** Plans a filter. Throws `INVALID_ARGUMENT`, as the other functions of this file do. */
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

/** A route condition that accepts all messages that no other route accepts. */
export const otherwise: () => boolean = () => true;

export function wrongOption({ topology, node, kernelId }: NodePlace, argument: string, value: unknown, remedy: string) {
  return new errors.INVALID_ARGUMENT(
    { argument, value },
    { kernelId, stage: node, remedy: `In "${node}" of "${topology}": ${remedy}` },
  );
}

/** Returns the result of `check`; adds the place to an error. */
export function checkedAt<T>(place: NodePlace, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!isRinglineError(error, "INVALID_ARGUMENT")) throw error;
    throw wrongOption(place, error.details.argument, error.details.value, error.remedy);
  }
}

/** Throws `INVALID_ARGUMENT` for a value that is no object, and for an option that is not among `known`. */
export function checkNodeOptions(place: NodePlace, options: unknown, known: readonly string[], of = "a node"): void {
  checkedAt(place, () => checkOptions(options, known, of));
}

/** Throws `INVALID_ARGUMENT`. */
export function checkName(place: NodePlace, argument: string, name: unknown): void {
  if (name === undefined || (typeof name === "string" && name !== "")) return;
  throw wrongOption(place, argument, name, `\`${argument}\` is a string that is not empty.`);
}

/** Throws `INVALID_ARGUMENT`. */
export function checkFunction(place: NodePlace, argument: string, value: unknown): void {
  if (typeof value !== "function") throw wrongOption(place, argument, value, "pass a function.");
}
