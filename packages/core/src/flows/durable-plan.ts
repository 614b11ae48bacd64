import { NO_SUPERVISION, type Supervision } from "../kernels/supervision.js";
import { invalidTopology } from "../topologies/invalid-topology.js";
import type { Plan, StagePlan } from "../topologies/plan.js";
import { sourcesOf } from "../topologies/plan-sources.js";
import { ancestors } from "./flow-nodes.js";

/** Default supervision of a stage that must lose no messages. */
const LOSSLESS = { restart: "on-failure", onCrash: "retry", effects: "commit" } as const;

/** True for a topology with durable edges. */
export const isDurable = ({ nodes }: Plan): boolean => nodes.some((node) => node.kind === "kernel" && node.durable);

/**
 * The plan, with the supervision that durable edges require of later stages. Throws `INVALID_TOPOLOGY` for a join after
 * a batch, and for a durable edge that messages can bypass.
 */
export function durablePlan(plan: Plan): Plan {
  if (!isDurable(plan)) return plan;
  const before = ancestors(plan.nodes);
  const edges = plan.nodes.flatMap((node, i) => (node.kind === "kernel" && node.durable ? [i] : []));
  for (const [index, { kind, name }] of plan.nodes.entries()) {
    const batch = kind === "join" && plan.nodes.find((node, i) => node.kind === "batch" && before[index]?.has(i));
    if (!batch) continue;
    const problem = `join "${name}" is behind batch "${batch.name}", and pairs what came of one input`;
    throw invalidTopology(
      plan.name,
      [name],
      problem,
      "Put the batch behind the join, or the join into another topology.",
    );
  }
  for (const edge of edges) checkNoBypass(plan, edge, before);
  const isBehind = (index: number) => edges.some((edge) => edge === index || before[index]?.has(edge));
  const nodes = plan.nodes.map((node, index) => {
    if (node.kind !== "kernel") return node;
    // also before an edge: an input that is sent again makes the same ids, which the edge recognizes
    return { ...(isBehind(index) ? lossless(node) : node), isKept: true };
  });
  return { ...plan, nodes };
}

function lossless(stage: StagePlan): StagePlan {
  const { supervise } = stage.kernel;
  const said = (option: keyof typeof LOSSLESS) => supervise[option] !== NO_SUPERVISION[option];
  const supervision: Supervision = {
    restart: said("restart") ? supervise.restart : LOSSLESS.restart,
    onCrash: said("onCrash") ? supervise.onCrash : LOSSLESS.onCrash,
    effects: said("effects") || stage.kernel.ack === "manual" ? supervise.effects : LOSSLESS.effects,
  };
  return { ...stage, supervise: { ...supervision, ...stage.supervise } };
}

/** Checks that no message bypasses the durable edge: only there the journal records what an input has passed. */
function checkNoBypass(plan: Plan, edge: number, before: readonly ReadonlySet<number>[]): void {
  const upstream = before[edge] as ReadonlySet<number>;
  if (upstream.size === 0) return;
  const isOutside = (index: number) => index !== edge && !upstream.has(index);
  const past = plan.nodes.flatMap(({ name }, index) => {
    const sources = sourcesOf(plan.nodes[index]!).map(({ source }) => source.node);
    const goesPast = isOutside(index) && sources.some((node) => node === -1 || upstream.has(node));
    return goesPast ? [name] : [];
  });
  if (plan.exit !== undefined && (plan.exit.node === -1 || upstream.has(plan.exit.node))) past.push("its output");
  if (past.length === 0) return;
  const { name } = plan.nodes[edge]!;
  const problem = `messages can go past the durable edge to "${name}", to ${past.join(", ")}`;
  throw invalidTopology(plan.name, [name], problem, "Make the first stage durable, or one that all messages come to.");
}
