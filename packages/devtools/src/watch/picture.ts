import type { Description, Inspection, KernelInspection, KernelTelemetry, Latency } from "@ringline/core";
import type { EdgeView, FlowView, NodeView, NodeWait, Percentiles, Picture } from "./model.js";
import { nodeIdOf } from "./node-id.js";
import type { Progress } from "./progress.js";
import { storiesOf } from "./stories.js";

/** Sources of a picture. */
export interface Sources {
  readonly at: number;
  readonly telemetry: ReadonlyMap<string, KernelTelemetry>;
  readonly inspection: Inspection;
  /** Descriptions of the running flows, by id. */
  readonly descriptions: ReadonlyMap<string, Description>;
}

/** A kernel: its inspection and its telemetry. */
interface Member {
  readonly inspected: KernelInspection;
  readonly figures: KernelTelemetry;
}

/** Totals of one node, from which the next picture computes rates. */
interface Totals {
  readonly received: number;
  readonly sent: number;
  readonly octaves: readonly number[];
}

/** Makes pictures of a runtime, one after the other; rates lie between two of them. */
export class Painter {
  #totals = new Map<string, Totals>();
  #at = 0;

  paint(sources: Sources, progress: Progress): Picture {
    const { at, telemetry, inspection, descriptions } = sources;
    const groups = new Map<string, Member[]>();
    for (const inspected of inspection.kernels) {
      const figures = telemetry.get(inspected.kernelId);
      if (figures === undefined) continue;
      const id = nodeIdOf(inspected);
      const group = groups.get(id);
      if (group === undefined) groups.set(id, [{ inspected, figures }]);
      else group.push({ inspected, figures });
    }
    const seconds = (at - this.#at) / 1000;
    const totals = new Map<string, Totals>();
    const nodes = new Map<string, NodeView>();
    for (const [id, members] of groups) {
      const now = totalsOf(members);
      totals.set(id, now);
      nodes.set(id, kernelNode(id, members, now, this.#totals.get(id), seconds));
    }
    const edges: EdgeView[] = [];
    for (const [flow, description] of descriptions) addFlow(flow, description, nodes, edges);
    const ids = new Map(inspection.kernels.map((kernel) => [kernel.kernelId, nodeIdOf(kernel)]));
    for (const kernel of inspection.kernels) {
      const from = nodeIdOf(kernel);
      for (const to of kernel.links) edges.push({ from, to: ids.get(to) ?? to, label: null, kind: "link" });
      for (const to of kernel.peers) edges.push({ from, to: ids.get(to) ?? to, label: null, kind: "peer" });
    }
    this.#totals = totals;
    this.#at = at;
    const flows = inspection.flows.map(
      ({ flow, inFlight, waitingSenders, unread, throughput, latency, holds }): FlowView => ({
        ...{ id: flow, inFlight, waitingSenders, unread, holds },
        rate: round(throughput.recent),
        latency: percentiles(latency),
        bottleneck: bottleneckOf(flow, nodes, descriptions.get(flow)),
        mermaid: descriptions.get(flow)?.mermaid ?? "",
      }),
    );
    const stories = storiesOf({ at, nodes, edges, flows, progress });
    return { at, nodes, edges, flows, stories };
  }
}

function totalsOf(members: readonly Member[]): Totals {
  const octaves: number[] = [];
  for (const { figures } of members)
    for (const [i, n] of figures.processing.octaves.entries()) octaves[i] = (octaves[i] ?? 0) + n;
  return { received: sum(members, "received"), sent: sum(members, "sent"), octaves };
}

function kernelNode(
  id: string,
  members: readonly Member[],
  now: Totals,
  before: Totals | undefined,
  seconds: number,
): NodeView {
  const [{ inspected, figures }] = members as readonly [Member, ...Member[]];
  const states = new Set(members.map((member) => member.inspected.state));
  const rate = total(members, (member) => member.figures.throughput.recent);
  const inHand = total(members, (member) => member.inspected.inHand);
  const perSecond = (name: "received" | "sent") =>
    before === undefined || seconds <= 0 ? null : round(Math.max(0, now[name] - before[name]) / seconds);
  const threads = members.flatMap((member) => member.figures.thread?.thread ?? []).filter((thread) => thread > 0);
  return {
    id,
    name: inspected.stage ?? id,
    flow: inspected.flow,
    kind: "kernel",
    kernels: members.map((member) => member.inspected.kernelId),
    backend: inspected.backend,
    threads: [...new Set(threads)].sort((a, b) => a - b),
    device: figures.device?.adapter ?? null,
    state: states.size === 1 ? inspected.state : "mixed",
    accepts: inspected.accepts,
    sends: inspected.sends,
    capacity: total(members, (member) => member.inspected.queueSize),
    queued: total(members, (member) => member.inspected.queued),
    inHand,
    parked: total(members, (member) => member.inspected.parkedSenders),
    rate: round(rate),
    inRate: perSecond("received"),
    outRate: perSecond("sent"),
    utilization: utilizationOf(rate, inHand, members.length, now.octaves, before?.octaves),
    processed: sum(members, "processed"),
    errors: sum(members, "errors"),
    deadLettered: sum(members, "deadLettered"),
    dropped: sum(members, "dropped"),
    rejected: sum(members, "rejected"),
    restarts: sum(members, "restarts"),
    wait: worst(members.map((member) => member.figures.wait)),
    processing: worst(members.map((member) => member.figures.processing)),
    waits: waitsOf(members),
  };
}

/** Waits of the kernels of a node, by target. */
function waitsOf(members: readonly Member[]): NodeWait[] {
  const waits = new Map<string, NodeWait>();
  for (const { inspected } of members) {
    for (const { for: what, kernelId, count } of inspected.waitsOn) {
      const key = `${what} ${kernelId}`;
      waits.set(key, { for: what, on: kernelId, count: count + (waits.get(key)?.count ?? 0) });
    }
  }
  return [...waits.values()];
}

/**
 * Little's law: messages in flight on average = messages per second × seconds that each takes. The mean time comes from
 * the octaves since the last look if there are enough, else from all.
 */
function utilizationOf(
  rate: number,
  inHand: number,
  workers: number,
  octaves: readonly number[],
  before: readonly number[] = [],
): number {
  if (rate === 0) return Math.min(1, inHand / workers);
  const recent = octaves.map((n, i) => n - (before[i] ?? 0));
  const counts = recent.reduce((all, n) => all + n, 0) >= 8 ? recent : octaves;
  let values = 0;
  let time = 0;
  for (const [i, n] of counts.entries()) {
    values += n;
    time += n * 0.0012 * 2 ** i; // the middle of the octave, in milliseconds
  }
  return values === 0 ? 0 : round(Math.min(1, (rate * time) / values / 1000 / workers), 1000);
}

/** Adds the nodes of a flow that are no kernels, and its edges. */
function addFlow(
  flow: string,
  { nodes: drawn, edges: drawnEdges }: Description,
  nodes: Map<string, NodeView>,
  edges: EdgeView[],
): void {
  for (const { name, kind } of drawn) {
    const id = `${flow}.${name}`;
    const node = nodes.get(id) ?? { ...NO_FIGURES, id, name, flow, kind };
    nodes.delete(id); // in the order of the topology, not of the launches
    nodes.set(id, node);
  }
  for (const { from, to, label } of drawnEdges) {
    edges.push({
      from: from === null ? `${flow}>in` : `${flow}.${from}`,
      to: to === null ? `${flow}>out` : `${flow}.${to}`,
      label,
      kind: "flow",
    });
  }
}

const NONE: Percentiles = { p50: 0, p99: 0 };
/** A node that runs on the host: a filter, a join, … or a stage that is fused with the one before. */
const NO_FIGURES = {
  ...{ kernels: [], backend: null, threads: [], device: null, state: null, accepts: [], sends: [], waits: [] },
  ...{ capacity: 0, queued: 0, inHand: 0, parked: 0, rate: 0, inRate: null, outRate: null, utilization: 0 },
  ...{ processed: 0, errors: 0, deadLettered: 0, dropped: 0, rejected: 0, restarts: 0, wait: NONE, processing: NONE },
} as const;

/** The last stage whose queue is at least half as full as the fullest, as `flow.telemetry()` finds it. */
function bottleneckOf(
  flow: string,
  nodes: ReadonlyMap<string, NodeView>,
  description: Description | undefined,
): string | null {
  const stages = (description?.nodes ?? []).flatMap(({ name }) => nodes.get(`${flow}.${name}`) ?? []);
  const shares = stages.map(({ queued, capacity, kernels }) => (queued <= kernels.length ? 0 : queued / capacity));
  const fullest = Math.max(0, ...shares);
  if (fullest === 0) return null;
  return stages.filter((_, i) => (shares[i] ?? 0) >= fullest / 2).at(-1)?.id ?? null;
}

const round = (value: number, unit = 100) => Math.round(value * unit) / unit;
const percentiles = ({ p50, p99 }: Latency): Percentiles => ({ p50: round(p50, 1e4), p99: round(p99, 1e4) });
const worst = (latencies: readonly Latency[]): Percentiles =>
  percentiles(latencies.reduce((most, one) => (one.p99 > most.p99 ? one : most)));
const total = (members: readonly Member[], value: (member: Member) => number) =>
  members.reduce((all, member) => all + value(member), 0);
const sum = (
  members: readonly Member[],
  name: "received" | "sent" | "processed" | "errors" | "deadLettered" | "dropped" | "rejected" | "restarts",
) => total(members, ({ figures }) => figures[name]);
