import { errors } from "../errors/ringline-error.js";
import type { Plan } from "./plan.js";

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
