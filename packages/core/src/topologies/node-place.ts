import { checkOptions } from "../errors/check-options.js";
import { errors, isRinglineError } from "../errors/ringline-error.js";

/** The node that is being defined, for errors. */
export interface NodePlace {
  readonly topology: string;
  /** Name of the node, or its kind if it has no name yet. */
  readonly node: string;
  readonly kernelId: string | null;
}

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
