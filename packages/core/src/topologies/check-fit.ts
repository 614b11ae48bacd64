import { errors } from "../errors/ringline-error.js";
import type { AnyMessageType } from "../messages/message-type.js";
import type { NodePlace } from "./node-place.js";
import type { PlanNode } from "./plan.js";
import { nameOf } from "./plan-sources.js";
import type { Tap } from "./tap.js";

/** Throws `TYPE_MISMATCH` when what comes out of a tap is not what a stage takes, for callers whom no compiler told. */
export function checkFit(
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
