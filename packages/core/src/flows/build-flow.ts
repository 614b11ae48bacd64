import type { DurableFlow } from "../durable/durable-flow.js";
import type { DurableInputs } from "../durable/durable-inputs.js";
import type { KernelDefinition, OnError, StageRef } from "../kernels/kernel.js";
import { hasFunction } from "../kernels/on-error.js";
import type { Supervision } from "../kernels/supervision.js";
import type { KernelInput } from "../runtime/kernel-input.js";
import type { LaunchedKernel } from "../runtime/launched-kernel.js";
import type { StageContext } from "../runtime/stage-context.js";
import type { KeyShare } from "../seam/incarnation.js";
import type { DirectTargets, Shortcut } from "../seam/routes.js";
import type { KernelTelemetry } from "../telemetry/telemetry.js";
import {
  type BatchPlan,
  type JoinPlan,
  type Plan,
  type Source,
  type StagePlan,
  sourcesOf,
} from "../topologies/plan.js";
import { Batch } from "./batch.js";
import {
  type Branch,
  BroadcastSink,
  FilterBranch,
  KeyBranch,
  KeyedWorkerSink,
  RouteBranch,
  SinkBranch,
  sinkForBranches,
} from "./branch.js";
import type { FlowCore } from "./flow-core.js";
import type { FlowNodes, NodeCounts } from "./flow-nodes.js";
import { replayEdge, replayedAt } from "./flow-nodes.js";
import type { Sink } from "./flow-services.js";
import { Join } from "./join.js";
import { KeptEntry, KeptExit } from "./kept-exit.js";
import { FailureSink, OutputSink } from "./output-sink.js";
import { Reorderer, ReorderSink } from "./reorderer.js";
import { BufferedStageOutput, StageOutput, StageOutputPort } from "./stage-output.js";
import { type Partition, WorkerSink, WorkersSink } from "./workers-sink.js";

/** Launches a kernel for a stage. */
export type LaunchStage = (
  kernel: KernelDefinition,
  options: {
    readonly backend: string | undefined;
    readonly supervise: Supervision | undefined;
    /** Aborts when `run` stops waiting for the flow. */
    readonly signal: AbortSignal;
  },
  stage: StageContext,
) => Promise<LaunchedKernel>;

/** The shortcut of a backend. */
export type ShortcutOf = (backend: string | undefined) => Shortcut | undefined;

interface BuildServices {
  readonly launch: LaunchStage;
  readonly shortcut: ShortcutOf;
}

/** Id of a worker of a stage, by its number from 0. */
export const workerId = (flow: string, { name, maxWorkers }: StagePlan, number: number): string =>
  `${flow}.${name}${maxWorkers === 1 ? "" : `_${number}`}`;

/** A stage that runs. */
export interface RunningStage {
  readonly plan: StagePlan;
  /** Index of the stage in the plan. */
  readonly index: number;
  kernels: LaunchedKernel[];
  /** Number of workers that have not failed for good. */
  alive: number;
  /** Distributes among the workers; undefined for a stage whose number of workers is fixed. */
  readonly partition: Partition | undefined;
  /** Launches a worker, by its number from 0. */
  readonly launch: (number: number, signal: AbortSignal) => Promise<LaunchedKernel>;
  /** The sink of a worker. */
  readonly sinkOf: (kernel: LaunchedKernel) => WorkerSink;
  /** Workers that have left, and whose outputs are being forwarded. */
  readonly left: Set<LaunchedKernel>;
  /** Telemetry of workers that were forgotten. */
  past: KernelTelemetry | undefined;
  /** Resolves when the changes that were asked for are over. */
  changing: Promise<void>;
}

interface Distribution {
  readonly partition: Partition;
  readonly branches: readonly Branch[];
  readonly sink: (node: number, outlet: KernelInput) => WorkerSink;
}

/** Builds the nodes of a plan from last to first, so that each node finds its successors built. */
export class FlowBuilder {
  /** Stages in the order of the plan, once `build` has resolved. */
  readonly stages: RunningStage[] = [];
  readonly joins: Join[] = [];
  readonly batches = new Map<number, Batch>();
  readonly reorderers: Reorderer[] = [];
  readonly #plan: Plan;
  readonly #nodes: FlowNodes;
  readonly #core: FlowCore;
  readonly #launch: LaunchStage;
  readonly #output: Sink;
  readonly #shortcut: ShortcutOf;
  /** Entries by node of the plan: the branches into the node; a join has its own for each join branch. */
  readonly #entries = new Map<number, (branch: string | null) => readonly Branch[]>();
  readonly #joinAt = new Map<number, Join>();
  readonly #reordererAt = new Map<number, Reorderer>();

  constructor(plan: Plan, nodes: FlowNodes, core: FlowCore, { launch, shortcut }: BuildServices) {
    this.#plan = plan;
    this.#nodes = nodes;
    this.#core = core;
    this.#launch = launch;
    this.#shortcut = shortcut;
    const output = new OutputSink(core);
    this.#output = core.durable?.output(output) ?? output;
  }

  async build(signal: AbortSignal): Promise<void> {
    for (let index = this.#plan.nodes.length - 1; index >= 0; index--) {
      const entry = await this.#entryOf(index, signal);
      this.#entries.set(index, entry);
    }
    this.stages.reverse();
    this.#core.entry = sinkForBranches(this.#readersOf({ node: -1, route: null }), this.#core);
  }

  /**
   * Returns the entry of the node with this name; undefined for a join, which takes only messages of one input.
   * `kernelId`: the worker of a dead letter; with `by: "broadcast"` and no durable edge, the entry leads to that worker
   * alone.
   */
  entryAt(name: string, kernelId?: string): Sink | undefined {
    const index = this.#plan.nodes.findIndex((node) => node.name === name && node.kind !== "join");
    const stage = this.stages.find((running) => running.index === index);
    const worker = stage?.plan.by === "broadcast" ? stage.kernels.findIndex(({ id }) => id === kernelId) : -1;
    const kernel = stage?.kernels[worker];
    if (stage?.plan.durable === true) return this.#entryTo(index);
    const entry =
      kernel === undefined
        ? this.#entryTo(index)
        : new WorkerSink(name, this.#countsOf(index).own[worker] as number, kernel.outlet);
    return entry && (this.#core.durable?.edge(name, entry, replayEdge(name, kernel?.id)) ?? entry);
  }

  #entryTo(index: number): Sink | undefined {
    const entry = this.#entries.get(index);
    return entry && sinkForBranches(entry(null), this.#core);
  }

  /**
   * The sink where unprocessed messages of an earlier program resume: the entry of the node, or the sink after a batch.
   */
  beginAt(edge: string): Sink | undefined {
    const batch = [...this.batches.values()].find(({ name }) => name === edge);
    return batch?.behind ?? this.entryAt(...(replayedAt(edge) ?? [edge]));
  }

  async #entryOf(index: number, signal: AbortSignal): Promise<(branch: string | null) => readonly Branch[]> {
    const node = this.#plan.nodes[index] as Plan["nodes"][number];
    const core = this.#core;
    const after = () => this.#readersOf({ node: index, route: null });
    switch (node.kind) {
      case "kernel":
        return constant(await this.#stage(node, index, signal));
      case "filter":
        return constant([new FilterBranch(node.name, node.keep, after(), core)]);
      case "route": {
        const routes = [...node.routes].map(
          ([route, takes]) => [takes, this.#readersOf({ node: index, route })] as const,
        );
        return constant([new RouteBranch(node.name, routes, core)]);
      }
      case "merge":
        return constant(after());
      case "batch":
        return constant([new SinkBranch(this.#batch(node, index, sinkForBranches(after(), core)))]);
      case "join": {
        const join = this.#join(node, index, sinkForBranches(after(), core));
        return (branch) => [new SinkBranch(join.branch(branch as string))];
      }
    }
  }

  /** The branches of all readers of a source. */
  #readersOf(source: Source): readonly Branch[] {
    const branches: Branch[] = [];
    for (const [index, node] of this.#plan.nodes.entries()) {
      for (const from of sourcesOf(node)) {
        if (isSame(from.source, source)) branches.push(...(this.#entries.get(index)?.(from.branch) ?? []));
      }
    }
    const { exit } = this.#plan;
    if (exit !== undefined && isSame(exit, source)) branches.push(new SinkBranch(this.#output));
    return branches;
  }

  async #stage(plan: StagePlan, index: number, signal: AbortSignal): Promise<readonly Branch[]> {
    const { own } = this.#countsOf(index);
    const core = this.#core;
    const branches = this.#readersOf({ node: index, route: null });
    const exit = new StageOutput(own[0] as number, core);
    exit.sink = this.#inOrder(index, sinkForBranches(branches, core));
    exit.failures = this.#failures(index);
    const next = branches.flatMap((branch) => branch.next);
    const inputs = keepsState(plan) ? core.durable?.inputs : undefined;
    const keptExits: KeptExit[] = [];
    // outputs that are stored with a state pass through the host
    const shortcut = inputs === undefined ? this.#shortcut(plan.backend) : undefined;
    exit.inputs = core.inputs;
    if (shortcut === "shared") exit.directTargets = this.#directTargets(exit.sink, branches);
    const isHandedOver = plan.kernel.output.length > 0 && !this.#mayRefuse(index);
    const goesByHost =
      shortcut === "shared" && exit.directTargets === undefined && isHandedOver && this.#isCounted(own);
    const isAhead = shortcut === "ahead" && isHandedOver;
    const launch: RunningStage["launch"] = (i, over) => {
      const { backend, supervise, rate, name, workers } = plan;
      const node = own[i] as number;
      const id = workerId(core.id, plan, i);
      const onError = (plan.onError ?? plan.kernel.onError) as OnError<never, unknown>;
      const kernel = { ...plan.kernel, id, onError, onErrorAt: onErrorAt(this.#plan, plan) };
      const kept = inputs && keptStage(kernel, plan, node, exit, core, inputs);
      if (kept !== undefined) keptExits.push(kept.exit.sink as KeptExit);
      const stage: StageContext = {
        stage: { name, node, rate: rate / workers, ids: this.#idsOf(plan, id), share: shareOf(plan, i, workers) },
        exit: kept ? kept.exit : isAhead ? new BufferedStageOutput(exit, node, plan.kernel.queueSize, core) : exit,
        ...(goesByHost && { port: (port) => new StageOutputPort(port, node, exit, core) }),
        state: kept?.state,
        flow: core.id,
        next,
        failed: (kernelId) => this.#restartGroup(plan.group, kernelId),
        failedForGood: (error, buried) => {
          running.alive--;
          if (running.alive === 0 || !isAnyWorker(plan)) core.stageFailed(error, buried);
        },
      };
      return this.#launch(kernel, { backend, supervise, signal: over }, stage);
    };
    const distribution = this.#distribution(plan);
    const running: RunningStage = {
      ...{
        plan,
        index,
        kernels: [],
        alive: plan.workers,
        launch,
        left: new Set(),
        past: undefined,
        changing: Promise.resolve(),
      },
      partition: distribution?.partition,
      sinkOf: ({ node, outlet }) =>
        distribution?.sink(node as number, outlet) ?? new WorkerSink(plan.name, node as number, outlet),
    };
    this.stages.push(running);
    // launched concurrently, so that a place starts the workers in parallel
    const launches = own.slice(0, plan.workers).map((_, i) => launch(i, signal));
    const { kernels } = running;
    for (const launch of await Promise.allSettled(launches))
      if (launch.status === "fulfilled") kernels.push(launch.value);
    await Promise.all(launches); // rejects after `kernels` has those that launched, for the cleanup
    const workers = kernels.map(running.sinkOf);
    await distribution?.partition.resume(workers);
    const shared = distribution?.branches ?? workers.map((worker) => new SinkBranch(worker));
    const into = keptExits.length === 0 ? shared : this.#pastKept(plan, keptExits, shared);
    return plan.durable ? this.#durableEdge(plan, index, into) : into;
  }

  /** Puts entries before the workers that forward stored outputs of an earlier program and bypass the kernel. */
  #pastKept({ name, by }: StagePlan, exits: readonly KeptExit[], into: readonly Branch[]): readonly Branch[] {
    const entry = (exit: KeptExit, branches: readonly Branch[]) =>
      new SinkBranch(new KeptEntry(name, exit, sinkForBranches(branches, this.#core)));
    if (by === "broadcast") return into.map((branch, i) => entry(exits[i] as KeptExit, [branch]));
    return [entry(exits[0] as KeptExit, into)];
  }

  #durableEdge({ name }: StagePlan, index: number, into: readonly Branch[]): readonly Branch[] {
    const durable = this.#core.durable as DurableFlow;
    const { edge } = this.#countsOf(index);
    if (edge !== undefined) this.#core.regions[edge] = (origin) => durable.inputs.passed(origin, name);
    return [new SinkBranch(durable.edge(name, sinkForBranches(into, this.#core)))];
  }

  /**
   * The name from which output ids are derived in a durable topology, so that another worker or program derives the
   * same ids.
   */
  #idsOf({ name, by, isKept }: StagePlan, id: string): string | undefined {
    if (!isKept) return undefined;
    return by === "broadcast" ? id : `${this.#core.id}.${name}`;
  }

  /** The targets that outputs reach without the host: the workers of one stage, with the stage's distribution. */
  #directTargets(sink: Sink, [branch]: readonly Branch[]): DirectTargets | undefined {
    const edges = sink instanceof ReorderSink ? undefined : directTargetsOf(sink, branch);
    return edges !== undefined && this.#isCounted(edges.targets.map(({ node }) => node)) ? edges : undefined;
  }

  /** True where messages at these nodes are counted in shared memory. */
  #isCounted(nodes: readonly number[]): boolean {
    return nodes.every((node) => this.#core.inputs?.counts.isCounted(node));
  }

  /** True if a next node may reject outputs. Otherwise outputs are handed over and the sender does not wait. */
  #mayRefuse(from: number): boolean {
    return this.#plan.nodes.some((node, index) => {
      const isNext = sourcesOf(node).some(({ source }) => source.node === from);
      if (!isNext || node.kind === "batch" || node.kind === "join") return false;
      return node.kind === "kernel" ? node.kernel.backpressure === "reject" : this.#mayRefuse(index);
    });
  }

  /** Restarts the other kernels of a group: stages of one group restart together. */
  #restartGroup(group: string | null, failed: string): void {
    if (group === null) return;
    for (const { plan, kernels } of this.stages) {
      if (plan.group !== group) continue;
      for (const kernel of kernels) if (kernel.id !== failed) kernel.restart();
    }
  }

  /** The distribution among workers whose number may change; undefined for one worker, or if each gets all messages. */
  #distribution({ name, by, key, maxWorkers }: StagePlan): Distribution | undefined {
    const { inFlightCounter: counter, clock } = this.#core;
    if (maxWorkers === 1 || by === "broadcast") return undefined;
    if (typeof by === "function") {
      const partition = new KeyBranch(name, by, key, this.#core);
      return { partition, branches: [partition], sink: (...at) => new KeyedWorkerSink(partition, ...at) };
    }
    const partition = new WorkersSink(name, by, counter, clock);
    return { partition, branches: [new SinkBranch(partition)], sink: (...at) => new WorkerSink(name, ...at) };
  }

  #inOrder(index: number, sink: Sink): Sink {
    const { reorder, region } = this.#countsOf(index);
    if (reorder === undefined) return sink;
    const reorderer = new Reorderer(reorder, region, this.#core);
    this.#reordererAt.set(index, reorderer);
    this.reorderers.push(reorderer);
    this.#core.reorderers.push(reorderer);
    this.#core.regions[region] = (origin) => reorderer.closed(origin);
    return new ReorderSink(reorderer, sink);
  }

  /** The sink for failures: bypasses the nodes after the stage, but passes their reorderers. */
  #failures(index: number): Sink {
    const behind = this.#nodes.descendantsOf(index);
    let sink: Sink = this.#output;
    for (const other of [index, ...behind].reverse()) {
      const reorderer = this.#reordererAt.get(other);
      if (reorderer !== undefined) sink = new ReorderSink(reorderer, sink);
    }
    const joins = behind.flatMap((other) => this.#joinAt.get(other) ?? []);
    return joins.length === 0 ? sink : new FailureSink(joins, sink);
  }

  #join(plan: JoinPlan, index: number, sink: Sink): Join {
    const { own, region } = this.#countsOf(index);
    const join = new Join(plan, own[0] as number, region, this.#core, this.#core.durable !== undefined);
    join.sink = sink;
    this.#joinAt.set(index, join);
    this.joins.push(join);
    for (let i = 0; i < plan.branches.size; i++) {
      this.#core.regions[region + i] = (origin, closed) => join.closed(closed, origin);
    }
    return join;
  }

  #batch(plan: BatchPlan, index: number, sink: Sink): Batch {
    const batch = new Batch(plan, this.#countsOf(index).own[0] as number, this.#core, this.#core.durable?.inputs);
    batch.sink = sink;
    this.batches.set(index, batch);
    return batch;
  }

  #countsOf(index: number): NodeCounts {
    return this.#nodes.counts[index] as NodeCounts;
  }
}

/**
 * The module and name by which another place finds the `onError` function of a stage; undefined without a function or
 * a module.
 */
export function onErrorAt({ module, name }: Plan, stage: StagePlan): StageRef | undefined {
  if (!hasFunction(stage.onError) || module === undefined) return undefined;
  return { module, topology: name, stage: stage.name };
}

/** True for a stage whose state is stored together with the inputs that led to it. */
const keepsState = ({ kernel, supervise, isKept }: StagePlan): boolean =>
  kernel.durable !== undefined && isKept === true && (supervise?.effects ?? kernel.supervise.effects) === "commit";

/**
 * Creates the output of a kernel with stored state, which leads to the stage's output, and restores the state. Throws
 * `STATE_VERSION`.
 */
function keptStage(
  kernel: KernelDefinition,
  { name, by }: StagePlan,
  node: number,
  stageExit: StageOutput,
  core: FlowCore,
  inputs: DurableInputs,
) {
  const exit = new StageOutput(node, core);
  exit.failures = stageExit.failures;
  exit.inputs = stageExit.inputs;
  exit.sink = new KeptExit(kernel, by === "broadcast" ? kernel.id : name, node, stageExit.sink, core, inputs);
  const version = kernel.durable?.version ?? 1;
  const keep = (state: unknown) => inputs.keepState(kernel.id, version, state);
  return { exit, state: { restored: inputs.stateOf(kernel), isExact: true, keep } };
}

function directTargetsOf(sink: Sink, branch: Branch | undefined): DirectTargets | undefined {
  if (sink instanceof WorkerSink) return { targets: [sink], by: "round-robin" };
  if (sink instanceof WorkersSink) return targetsOf(sink, sink.by);
  if (!(sink instanceof BroadcastSink) || sink.size > 1 || !(branch instanceof KeyBranch)) return undefined;
  return branch.field === undefined ? undefined : targetsOf(branch, { key: branch.field });
}

/** The targets of a stage at any time. */
const targetsOf = (partition: Partition, by: DirectTargets["by"]): DirectTargets => ({
  get targets() {
    return partition.workers;
  },
  by,
});

/** The share of a worker in the keys of its stage. */
export const shareOf = ({ by }: StagePlan, index: number, of: number): KeyShare | undefined =>
  typeof by === "function" ? { index, of } : undefined;

/** True if any worker of the stage may take any message. */
const isAnyWorker = ({ by }: StagePlan): boolean => by !== "broadcast" && typeof by !== "function";
const isSame = (a: Source, b: Source): boolean => a.node === b.node && a.route === b.route;
const constant = (branches: readonly Branch[]) => () => branches;
