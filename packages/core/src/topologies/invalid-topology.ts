import { errors } from "../errors/ringline-error.js";

/** Formats node names as a list in a sentence. */
export function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

/** `problem` is a sentence without its full stop that names the nodes. */
export function invalidTopology(topology: string, nodes: readonly string[], problem: string, remedy?: string) {
  return new errors.INVALID_TOPOLOGY({ topology, nodes, problem }, { remedy, stage: nodes[0] });
}
