import { checkName, checkNodeOptions, type NodePlace, wrongOption } from "./node-place.js";
import type { Plan, PlanNode, Source } from "./plan.js";
import { rewired } from "./plan-sources.js";
import { type AnyStageOptions, checkStageOnError } from "./plan-stage.js";

const KNOWN = ["name", "backend", "onError"];

/** Throws `INVALID_ARGUMENT` for what a nested topology cannot take. */
export function checkNestedOptions(options: AnyStageOptions, place: NodePlace): void {
  checkNodeOptions(place, options, KNOWN, "a nested topology");
  checkName(place, "name", options.name);
  checkName(place, "backend", options.backend);
  checkStageOnError(place, options.onError);
  if (typeof options.onError === "function") {
    const remedy = "a nested topology takes an action; give the function to the stages inside.";
    throw wrongOption(place, "onError", options.onError, remedy);
  }
}

/** Maps a source of a nested plan to the outer plan: the nested input is the source that feeds the stage. */
export function movedSource({ node, route }: Source, from: Source, offset: number): Source {
  return node === -1 ? from : { node: node + offset, route };
}

/** The nodes of a nested plan as nodes of the outer one, which has `offset` nodes before them. */
export function nestedNodes(
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
