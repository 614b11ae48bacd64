import type { AnyMessageType } from "../messages/message-type.js";
import type { Draft } from "./draft.js";
import type { Plan, PlanNode } from "./plan.js";
import type { Tap } from "./tap.js";

/** Finishes a draft: gives every node a name. */
export function finish({ settings, nodes }: Draft, input: readonly AnyMessageType[], exit: Tap): Plan {
  const isOneGroup = settings.supervise === "all-for-one";
  return Object.freeze({
    ...settings,
    input,
    output: exit.source && exit.carries,
    nodes: named(nodes).map((node) =>
      Object.freeze(isOneGroup && node.kind === "kernel" ? { ...node, group: "" } : node),
    ),
    exit: exit.source,
  });
}

/** Nodes without a name get their kind as their name, numbered from the second on. */
function named(nodes: readonly PlanNode[]): readonly PlanNode[] {
  const used = new Set(nodes.flatMap(({ name }) => [name, name.split("/")[0]!])); // nested topologies have names, too
  return nodes.map((node) => {
    if (node.name !== "") return node;
    let name: string = node.kind;
    for (let i = 2; used.has(name); i++) name = `${node.kind}_${i}`;
    used.add(name);
    return { ...node, name };
  });
}
