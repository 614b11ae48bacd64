import type { DurableFlow } from "../durable/durable-flow.js";
import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import { hasFunction } from "../kernels/on-error.js";
import { NO_SUPERVISION, type Supervision } from "../kernels/supervision.js";
import type { DeadLetterStore } from "../runtime/dead-letter-store.js";
import type { KernelServices } from "../runtime/kernel-services.js";
import type { LaunchedKernel } from "../runtime/launched-kernel.js";
import { unlessAborted } from "../time/on-abort.js";
import {
  type BatchPlan,
  type Plan,
  type PlanNode,
  type Source,
  type StagePlan,
  sourcesOf,
} from "../topologies/plan.js";
import { invalidTopology, listed } from "../topologies/topology-checks.js";
import { FlowBuilder, type LaunchStage, onErrorAt, type ShortcutOf, workerId } from "./build-flow.js";
import { FlowCore } from "./flow-core.js";
import { ancestors, FlowNodes, replayedAt } from "./flow-nodes.js";
import type { FlowOptions } from "./flow-types.js";
import { fuseChains } from "./fuse-chains.js";
import { LocalFlow } from "./local-flow.js";
import { type StageChanges, StageScaler } from "./stage-scaler.js";
import { StuckBatchFlusher } from "./stuck-batch-flusher.js";

/** The services of the runtime that a flow uses. */
export interface FlowRuntime {
  readonly services: KernelServices;
  readonly launch: LaunchStage;
  readonly changes: StageChanges;
  readonly deadLetters: DeadLetterStore;
  /** The name of the backend where a stage runs, if it fuses chains of compute kernels. */
  fuses(backend: string | undefined): string | undefined;
  readonly shortcut: ShortcutOf;
  /** The name of the backend where a stage runs, if its kernels see copies. */
  copies(backend: string | undefined): string | undefined;
  /** Takes over a durable flow, by the backend of a stage. Rejects with `UNSUPPORTED`, `BACKEND_UNAVAILABLE`. */
  keep(backend: string | undefined, flow: string): Promise<DurableFlow>;
  /** Forgets kernels that have ended. */
  release(kernels: readonly LaunchedKernel[]): Promise<void>;
  /** True for an id that a kernel has. */
  isKernel(id: string): boolean;
}

/** Launches the stages of a plan, connects and activates them. `id`: free in the runtime. */
export async function runFlow(
  plan: Plan,
  options: FlowOptions,
  id: string,
  runtime: FlowRuntime,
  signal: AbortSignal,
): Promise<LocalFlow> {
  const stages = plan.nodes.filter((node) => node.kind === "kernel");
  const room = stages.reduce(
    (sum, { kernel, workers, scaling }) => sum + (kernel.queueSize + 1) * (scaling?.max ?? workers),
    0,
  );
  for (const stage of stages) checkOnError(plan, stage, runtime);
  const sizes = stages.map(({ kernel }) => kernel.queueSize);
  const maxInFlight = checkMaxInFlight(options) ?? Math.max(1, room);
  checkCapacities(plan, maxInFlight);
  const { plan: fused, chains } = fuseChains(durablePlan(plan), runtime.fuses);
  const nodes = new FlowNodes(fused, id);
  const isShared = stages.some(({ backend }) => runtime.shortcut(backend) === "shared");
  const outputSize = Math.max(1, ...sizes);
  const keeper = stages.find(({ durable }) => durable);
  const durable =
    keeper && (await unlessAborted(runtime.keep(keeper.backend, id), signal, ({ inputs }) => inputs.end()));
  if (durable !== undefined) checkUnprocessed(durable, plan);
  const core = new FlowCore(
    { inFlightPlan: nodes.inFlightPlan, maxInFlight, outputSize, isShared, durable },
    runtime.services,
  );
  const built = new FlowBuilder(fused, nodes, core, runtime);
  try {
    await built.build(signal);
    await activate(built, signal);
  } catch (error) {
    const kernels = built.stages.flatMap((stage) => stage.kernels);
    await Promise.all(kernels.map((kernel) => kernel.terminate({ timeout: 0 })));
    await runtime.release(kernels);
    throw signal.aborted ? signal.reason : error;
  }
  if (built.batches.size > 0) {
    const workers = built.stages.flatMap(({ index }) => nodes.counts[index]?.own ?? []);
    core.onFull = new StuckBatchFlusher(core.inFlightCounter, core.admission, () => built.batches.values(), workers);
  }
  const fail = (error: AnyRinglineError) => runtime.services.error(error);
  const ids = built.stages.flatMap(({ plan, index }) =>
    Array.from(nodes.counts[index]?.own ?? [], (_, number) => workerId(id, plan, number)),
  );
  const own = new Set([id, ...ids]);
  const scalers = built.stages.map((stage) => {
    const own = nodes.counts[stage.index]?.own ?? [];
    return [stage, new StageScaler(stage, core, own, runtime.changes, runtime.services, runtime.release)] as const;
  });
  const deadLetters = runtime.deadLetters.view(({ kernelId }) => own.has(kernelId));
  return new LocalFlow(
    plan,
    core,
    nodes,
    built,
    chains,
    deadLetters,
    fail,
    runtime.changes,
    new Map(scalers),
    async (kernels) => {
      await runtime.release(kernels);
      runtime.deadLetters.forget(deadLetters);
    },
  );
}

/**
 * Checks that an `onError` function can reach a backend that copies, which needs the module of the topology. Throws
 * `INVALID_ARGUMENT`.
 */
function checkOnError(plan: Plan, stage: StagePlan, runtime: FlowRuntime): void {
  const { name, backend, onError } = stage;
  const place = hasFunction(onError) && onErrorAt(plan, stage) === undefined && runtime.copies(backend);
  if (typeof place !== "string") return;
  const remedy =
    `Backend "${place}" copies, and the function cannot travel: export topology "${plan.name}" from a module of its own and ` +
    'give it { module: import.meta.url }, or write the function into the kernel, or pass "reply", "fail", "dead-letter" or { retry }.';
  throw new errors.INVALID_ARGUMENT({ argument: "onError", value: onError }, { stage: name, remedy });
}

/** Activates the stages, the last one first, so that every output finds the next stage active. */
async function activate({ stages }: FlowBuilder, signal: AbortSignal): Promise<void> {
  for (const { kernels } of [...stages].reverse()) {
    await Promise.all(kernels.map((kernel) => kernel.activate("activate", { signal })));
  }
}

/** Checks that this topology has the edges and batches at which an earlier program left inputs. */
function checkUnprocessed({ inputs }: DurableFlow, { name: topology, nodes }: Plan): void {
  const keeps = (node: PlanNode) => (node.kind === "kernel" ? node.durable : node.kind === "batch");
  const isThere = (edge: string) => {
    const replayed = replayedAt(edge);
    return nodes.some((node) => (replayed ? node.name === replayed[0] : node.name === edge && keeps(node)));
  };
  const missing = [...inputs.edges].filter((edge) => !isThere(edge));
  if (missing.length === 0) return;
  const problem = `an earlier program left messages at the durable edge to ${listed(missing)}, which it does not have`;
  const remedy = "Let a program with that stage finish them, or give the changed topology another name.";
  throw invalidTopology(topology, missing, problem, remedy);
}

/** Throws `INVALID_ARGUMENT`. */
function checkMaxInFlight({ maxInFlight }: FlowOptions): number | undefined {
  if (maxInFlight !== undefined && !(Number.isSafeInteger(maxInFlight) && maxInFlight >= 1)) {
    throw new errors.INVALID_ARGUMENT(
      { argument: "maxInFlight", value: maxInFlight },
      { remedy: "`maxInFlight` is a whole number of inputs, at least 1." },
    );
  }
  return maxInFlight;
}

/**
 * Rejects batches that might never fill: without `linger`, and with room for all inputs that may be in flight at once.
 * A stage that sends several messages for an input needs fewer inputs, which cannot be known here. Throws
 * `INVALID_TOPOLOGY`.
 */
export function checkCapacities({ name, nodes }: Plan, maxInFlight: number): void {
  const inputs = inputsPerMessage(nodes);
  const waiting = nodes.filter((node): node is BatchPlan => node.kind === "batch" && node.linger === undefined);
  // the inputs that the batches hold while none of them is full, and the one that fills the first
  const needed = waiting.reduce((sum, { from, max }) => sum + (max - 1) * inputs(from), 1);
  if (needed <= maxInFlight || waiting.length === 0) return;
  const names = waiting.map((node) => node.name);
  const problem = `${maxInFlight} inputs in flight may never fill ${listed(names)}, which hold up to ${needed - 1} and wait for more`;
  const remedy = `Give them a \`linger\` (milliseconds), or run the topology with \`maxInFlight: ${needed}\` or more.`;
  throw invalidTopology(name, names, problem, remedy);
}

/** Maximum number of inputs combined in a message, by its source. */
function inputsPerMessage(nodes: readonly PlanNode[]): (source: Source) => number {
  const counts: number[] = [];
  const at = ({ node }: Source): number => (node === -1 ? 1 : counts[node]!);
  for (const node of nodes) {
    const most = Math.max(...sourcesOf(node).map(({ source }) => at(source)));
    counts.push(node.kind === "batch" ? most * node.max : most);
  }
  return at;
}

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
