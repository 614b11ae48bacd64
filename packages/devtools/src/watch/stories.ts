import type { EdgeView, FlowView, NodeView, Story } from "./model.js";
import type { Progress } from "./progress.js";
import { count, duration, list, many } from "./words.js";

interface Scene {
  readonly at: number;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly edges: readonly EdgeView[];
  readonly flows: readonly FlowView[];
  readonly progress: Pick<Progress, "stuckSince">;
}

/** Milliseconds without progress after which a node counts as stuck. */
const STUCK_AFTER = 1000;
/** Share of its capacity from which a queue that senders wait for counts as full. */
const FULL = 0.9;

/** One step from a node that waits to the one it waits for. */
interface Hop {
  readonly to: string;
  readonly clause: string;
}

/** The end of a path: the reason why the last node makes no progress. */
interface Root {
  readonly kind: Story["kind"];
  readonly clause: string;
  readonly advice: string;
}

/** Explains in words what stands still and what is slow; one story for each cause, the longest path first. */
export function storiesOf(scene: Scene): Story[] {
  const { at, nodes, progress } = scene;
  const teller = new Teller(scene);
  const paths = [...nodes.values()]
    .filter((node) => teller.isHeldUp(node) || (progress.stuckSince(node.id) ?? at) <= at - STUCK_AFTER)
    .flatMap((node) => teller.pathFrom(node) ?? []);
  const byRoot = new Map<string, Story[]>();
  for (const story of paths) byRoot.set(story.root, [...(byRoot.get(story.root) ?? []), story]);
  const stories = [...byRoot.values()].map((all): Story => {
    const longest = all.reduce((most, story) => (story.path.length > most.path.length ? story : most));
    const others = new Set(all.flatMap(({ path }) => path).filter((id) => !longest.path.includes(id)));
    return { ...longest, others: [...others] };
  });
  const rank = { circle: 0, stall: 1, slow: 2 };
  return stories.sort((a, b) => rank[a.kind] - rank[b.kind] || b.path.length - a.path.length);
}

class Teller {
  readonly #scene: Scene;
  /** Nodes after each node that is no kernel, so that waits lead past it. */
  readonly #after = new Map<string, string[]>();

  constructor(scene: Scene) {
    this.#scene = scene;
    for (const { from, to, kind } of scene.edges)
      if (kind === "flow") this.#after.set(from, [...(this.#after.get(from) ?? []), to]);
  }

  /** True for a node that waits for room in a queue that is full. */
  isHeldUp(node: NodeView): boolean {
    return node.waits.some(({ for: what, on }) => {
      const target = what === "room" && on !== null ? this.#fullest(on) : undefined;
      return target !== undefined && target.queued >= FULL * target.capacity;
    });
  }

  /** Follows the waits of a node to their cause; undefined if it does not wait. */
  pathFrom(first: NodeView): Story | undefined {
    const { at, progress } = this.#scene;
    const path: string[] = [];
    const clauses: string[] = [];
    let node = first;
    for (;;) {
      if (path.includes(node.id)) {
        const circle = path.slice(path.indexOf(node.id));
        const names = [...circle, node.id].map((id) => this.#name(id)).join(" → ");
        const root = { kind: "circle" as const, clause: `they wait for each other: ${names}`, advice: CIRCLE };
        return this.#story([...circle].sort()[0] as string, path, clauses, root, progress.stuckSince(node.id) ?? null);
      }
      path.push(node.id);
      const root = this.#rootAt(node, path.length > 1);
      if (root !== undefined) {
        const since = progress.stuckSince(node.id);
        const isStuck = since !== undefined && since <= at - STUCK_AFTER;
        return this.#story(node.id, path, [...clauses], root, isStuck ? since : null);
      }
      const hop = this.#hopFrom(node);
      if (hop === undefined) return undefined;
      clauses.push(hop.clause);
      const next = this.#scene.nodes.get(hop.to);
      if (next === undefined) {
        const flow = this.#scene.flows.find(({ id }) => `${id}>out` === hop.to || id === hop.to);
        const unread = flow === undefined || flow.unread === 0 ? "" : `: ${many(flow.unread, "output")} unread`;
        const clause =
          flow === undefined ? `${hop.to} is not there` : `nobody reads the outputs of ${flow.id}${unread}`;
        const end: Root = { kind: "stall", clause, advice: flow === undefined ? GONE : READER };
        return this.#story(flow?.id ?? hop.to, path, clauses, end, progress.stuckSince(node.id) ?? null);
      }
      node = next;
    }
  }

  #story(root: string, path: readonly string[], clauses: readonly string[], end: Root, since: number | null): Story {
    const all = [...clauses, end.clause];
    const { kind, advice } = end;
    return { kind, root, path, clauses: all, text: `${all.join("; ")}.`, since, others: [], advice };
  }

  /** The reason why a node itself makes no progress; undefined if it waits for another. */
  #rootAt(node: NodeView, isTarget: boolean): Root | undefined {
    const name = this.#name(node.id);
    const { state, queued, inHand, parked } = node;
    const queue = queued > 0 ? `, with ${many(queued, "message")} queued` : "";
    if (state === "deactivated") return { kind: "stall", clause: `${name} is paused${queue}`, advice: PAUSED };
    if (state === "launched") return { kind: "stall", clause: `${name} was never activated${queue}`, advice: LAUNCHED };
    if (state === "failed") return { kind: "stall", clause: `${name} has failed and does not restart`, advice: FAILED };
    if (state === "terminated" || state === "terminating") {
      return isTarget ? { kind: "stall", clause: `${name} has ended`, advice: GONE } : undefined;
    }
    if (this.#hopFrom(node) !== undefined) return undefined;
    const reader = node.waits.find(({ for: what }) => what === "reader");
    if (reader !== undefined) {
      const outputs = many(reader.count, "output");
      return { kind: "stall", clause: `${name} waits for a reader of its output (${outputs})`, advice: READER };
    }
    const { at, progress } = this.#scene;
    const since = progress.stuckSince(node.id);
    const stuck = since === undefined ? 0 : at - since;
    if (stuck >= STUCK_AFTER) {
      const time = duration(stuck);
      if (inHand > 0) {
        const messages = inHand === 1 ? "one message" : many(inHand, "message");
        return {
          kind: "stall",
          clause: `${name} has worked on ${messages} for ${time} without an end${queue}`,
          advice: BUSY,
        };
      }
      if (queued > 0) return { kind: "stall", clause: `${name} has taken nothing for ${time}${queue}`, advice: PLACE };
    }
    if (!isTarget) return undefined;
    if (queued + parked === 0 && inHand === 0) return undefined;
    const rate = `${count(Math.round(node.rate * 10) / 10)}/s`;
    return { kind: "slow", clause: `${name} is the slowest: ${rate}, ${utilized(node)} busy`, advice: SLOW };
  }

  /** The first wait of a node for another one. */
  #hopFrom(node: NodeView): Hop | undefined {
    const name = this.#name(node.id);
    const { at, progress } = this.#scene;
    const since = progress.stuckSince(node.id);
    const stuck = since === undefined || at - since < STUCK_AFTER ? "" : ` since ${duration(at - since)}`;
    for (const { for: what, on, count: waiting } of node.waits) {
      if (on === null || on === node.id) continue;
      if (what === "room") {
        const target = this.#fullest(on);
        if (target === undefined) continue;
        const fill = `${count(target.queued)} of ${count(target.capacity)}`;
        return { to: target.id, clause: `${name} waits for room in ${this.#name(target.id)}: ${fill}` };
      }
      const to = this.#resolve(on);
      if (what === "answer") {
        const answers = waiting === 1 ? "an answer" : many(waiting, "answer");
        return { to, clause: `${name} waits for ${answers} of ${this.#name(to)}${stuck}` };
      }
      if (what === "output") return { to, clause: `${name} waits for an output of ${this.#name(to)}${stuck}` };
      if (what === "reader") {
        const outputs = many(waiting, "output");
        return { to: on, clause: `${name} has ${outputs} that wait for a reader of ${on}${stuck}` };
      }
    }
    return undefined;
  }

  /** The stage behind a name of the next node that has the fullest queue; a node that is no kernel has none. */
  #fullest(name: string): NodeView | undefined {
    const { nodes } = this.#scene;
    const open = [this.#resolve(name)];
    const seen = new Set(open);
    let fullest: NodeView | undefined;
    for (let id = open.shift(); id !== undefined; id = open.shift()) {
      const node = nodes.get(id);
      if (node !== undefined && node.kernels.length > 0) {
        const share = (one: NodeView) => one.queued / Math.max(1, one.capacity);
        if (fullest === undefined || share(node) > share(fullest)) fullest = node;
        continue;
      }
      for (const next of this.#after.get(id) ?? []) if (!seen.has(next)) open.push(next) && seen.add(next);
    }
    return fullest;
  }

  /** The node of a kernel's id. */
  #resolve(id: string): string {
    const { nodes } = this.#scene;
    if (nodes.has(id)) return id;
    const worker = id.replace(/_\d+$/, "");
    return nodes.get(worker)?.kernels.includes(id) ? worker : id;
  }

  #name(id: string): string {
    return this.#scene.nodes.get(id)?.name ?? id;
  }
}

const utilized = ({ utilization }: NodeView) => `${Math.round(utilization * 100)}%`;

/** The other nodes that a story concerns, in words; empty if there are none. */
export function othersOf({ others }: Story, nodes: ReadonlyMap<string, NodeView>): string {
  if (others.length === 0) return "";
  const names = others.map((id) => nodes.get(id)?.name ?? id);
  return `${list(names)} ${names.length === 1 ? "waits" : "wait"} for the same.`;
}

const PAUSED = "Resume it.";
const LAUNCHED = "Activate it: start() does both.";
const FAILED = "Look at its error, fix the cause, launch it again and replay its dead letters.";
const GONE = "Launch it again, or disconnect whoever sends to it.";
const READER = "Read the outputs: receive(), for await, or connect() them to a kernel.";
const BUSY = "Look at what its handler awaits; give it a timeout, or terminate the kernel.";
const PLACE = "Its place may be away: look at the events of its backend.";
const SLOW = "Give it more workers, move it to threads, or make it faster.";
const CIRCLE = "Give one of the requests a timeout, or send instead of asking.";
