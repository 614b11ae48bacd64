import { checkOptions } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";
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
    throw wrong("supervise", supervise, `Topology "${name}" takes "one-for-one" or "all-for-one".`);
  }
  return { name, module, supervise };
}

function wrong(argument: string, value: unknown, remedy: string) {
  return new errors.INVALID_ARGUMENT({ argument, value }, { remedy });
}
