import {
  type AnyKernel,
  body,
  defineKernel,
  defineMessage,
  graph,
  isRinglineError,
  otherwise,
  type Topology,
} from "../../src/index.js";
import { N } from "../support/flow-kit.js";

/** Numbers from a seed: mulberry32 (Tommy Ettinger). */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Random share of a node and an input, the same each time, so that a model can predict it. */
function chance(node: number, n: number, of: number): number {
  return randomFrom(node * 7919 + n * 104_729)(of);
}

export const Many = defineMessage("Many", body<{ readonly items: readonly { readonly n: number }[] }>());

/** Number of messages of input `n` along a wire. */
type Count = (n: number) => number;

interface ModelWire {
  readonly wire: never;
  readonly count: Count;
  /** The stage that it leaves, if that restores the order of the inputs. */
  readonly isOrdered: boolean;
  used: boolean;
  /** Failures may pass by: joins behind it tell one for each input. */
  readonly isTainted: boolean;
}

export interface RandomGraph {
  readonly topology: Topology<N, N, never>;
  /** Outputs of an input, failures among them. */
  readonly outputs: Count;
  /** Messages of an input that become dead letters. */
  readonly letters: Count;
  /** True when outputs come in the order of the inputs. */
  readonly isOrdered: boolean;
  readonly isBatched: boolean;
  /** Capacities and strategies lose nothing. */
  readonly isLossless: boolean;
  readonly shape: string;
  readonly mistakes: string[];
}

interface AnyWire {
  stage(kernel: AnyKernel, options: object): never;
  filter(keep: (m: N) => boolean, options: object): never;
  route(routes: object, options: object): { a: never; b: never };
  batch(into: unknown, options: object): unknown;
}

/** A graph of up to twelve nodes, with what it must do. Joins that can never complete are not built. */
export function randomGraph(seed: number, isLossless: boolean): RandomGraph {
  for (let attempt = seed; ; attempt += 1_000_003) {
    try {
      return build(attempt, isLossless);
    } catch (error) {
      if (!isRinglineError(error, "INVALID_TOPOLOGY") || error.details.problem.includes("nobody reads")) throw error;
    }
  }
}

function build(seed: number, isLossless: boolean): RandomGraph {
  const random = randomFrom(seed);
  const one = <T>(...list: T[]): T => list[random(list.length)] as T;
  const deadLetters: Count[] = [];
  const failures: Count[] = [];
  const shape: string[] = [];
  const mistakes: string[] = [];
  let outputs: Count = () => 0;
  let isOrdered = false;
  let isBatched = false;
  /** True behind the first batch: a message is in the name of several inputs from there on. */
  let isJoint = false;

  const kernel = (node: number, kind: number, many: number) =>
    defineKernel({
      id: `k${node}`,
      input: N,
      output: N,
      queueSize: one(1, 1, 2, 3, 8, 64),
      backpressure: isLossless ? "block" : one("block", "block", "reject", "drop-oldest"),
      async handle({ n }) {
        const jitter = chance(node + 1000, n, 8);
        if (jitter > 4) for (let i = 0; i < jitter; i++) await undefined;
        if (kind === 1 && chance(node, n, 5) === 0) throw new Error(`k${node} fails at ${n}`);
        if (kind === 2 && chance(node, n, 3) === 0) return undefined;
        return many === 1 ? N({ n }) : Array.from({ length: many }, () => N({ n }));
      },
    });

  const unpack = (node: number) =>
    defineKernel({
      id: `u${node}`,
      input: Many,
      output: N,
      queueSize: one(1, 2, 8),
      handle: ({ items }) => items.map(({ n }) => N({ n })),
    });

  const topology = graph(`random_${seed}`, N, (input, tools) => {
    const wires: ModelWire[] = [
      { wire: input as never, count: () => 1, isOrdered: true, used: false, isTainted: false },
    ];
    const size = 1 + random(11);
    const take = (): ModelWire => {
      const free = wires.filter(({ used }) => !used);
      const wire = random(4) > 0 && free.length > 0 ? one(...free) : one(...wires);
      wire.used = true;
      return wire;
    };
    const two = (): readonly [ModelWire, ModelWire] | undefined => {
      if (wires.length < 2) return undefined;
      const x = take();
      const others = wires.filter((wire) => wire !== x);
      const y = one(...(others.some(({ used }) => !used) ? others.filter(({ used }) => !used) : others));
      y.used = true;
      return [x, y];
    };
    const add = (wire: unknown, count: Count, isTainted: boolean, isOrdered = false) =>
      wires.push({ wire: wire as never, count, isOrdered, isTainted, used: false });
    // on the virtual clock: what waits for its turn may expire
    const pace = () => (isLossless || random(3) > 0 ? {} : { rate: one(100, 1000) });
    const stage = (node: number) => {
      const from = take();
      const kind = random(4);
      const many = random(6) === 0 ? 2 : 1;
      const workers = one(1, 1, 2, 3, 4);
      const order = one("preserve", "preserve", "any");
      const by = one<unknown>("round-robin", "least-loaded", ({ n }: N) => n % 3, "broadcast");
      const onError = one<unknown>("dead-letter", "reply", { retry: 1, backoff: { initial: 0, max: 0 } });
      shape.push(`k${node} kind ${kind} x${many} workers ${workers} ${order} ${typeof by === "string" ? by : "key"}`);
      const times = by === "broadcast" ? workers : 1;
      const arriving: Count = (n) => from.count(n) * times;
      const replies = onError === "reply";
      if (kind === 1) (replies ? failures : deadLetters).push((n) => (chance(node, n, 5) === 0 ? arriving(n) : 0));
      const passes = (n: number) =>
        !(kind === 1 && chance(node, n, 5) === 0) && !(kind === 2 && chance(node, n, 3) === 0);
      const made = (from.wire as AnyWire).stage(kernel(node, kind, many), { workers, order, by, onError, ...pace() });
      const isTainted = from.isTainted || (kind === 1 && replies);
      add(made, (n) => (passes(n) ? arriving(n) * many : 0), isTainted, order === "preserve" && workers > 1);
    };
    const makers: ((node: number) => void)[] = [
      stage,
      stage,
      stage,
      stage,
      (node) => {
        const from = take();
        shape.push(`filter${node}`);
        const keep = (n: number) => chance(node, n, 4) > 0;
        const made = (from.wire as AnyWire).filter(({ n }) => keep(n), { name: `filter${node}` });
        add(made, (n) => (keep(n) ? from.count(n) : 0), from.isTainted, from.isOrdered);
      },
      (node) => {
        const from = take();
        shape.push(`route${node}`);
        const takes = (n: number) => chance(node, n, 2) === 0;
        const isOpen = random(2) === 0;
        const rest = (n: number) => chance(node + 1, n, 3) > 0;
        const routes = { a: ({ n }: N) => takes(n), b: isOpen ? otherwise : ({ n }: N) => rest(n) };
        const made = (from.wire as AnyWire).route(routes, { name: `route${node}` });
        add(made.a, (n) => (takes(n) ? from.count(n) : 0), from.isTainted, from.isOrdered);
        add(made.b, (n) => (!takes(n) && (isOpen || rest(n)) ? from.count(n) : 0), from.isTainted, from.isOrdered);
        if (!isOpen) deadLetters.push((n) => (takes(n) || rest(n) ? 0 : from.count(n)));
      },
      (node) => {
        const pair = two();
        if (pair === undefined) return;
        const [x, y] = pair;
        shape.push(`merge${node}`);
        add(tools.merge(x.wire, y.wire), (n) => x.count(n) + y.count(n), x.isTainted || y.isTainted);
      },
      (node) => {
        const pair = two();
        if (pair === undefined) return;
        const [x, y] = pair;
        if (isJoint || x.isTainted || y.isTainted) {
          add(tools.merge(x.wire, y.wire), (n) => x.count(n) + y.count(n), true);
          return;
        }
        shape.push(`join${node}`);
        const into = (parts: { readonly x: N; readonly y: N }) => {
          if (parts.x.n !== parts.y.n) mistakes.push(`join${node} paired ${parts.x.n} with ${parts.y.n}`);
          return N({ n: parts.x.n });
        };
        const options = { timeout: one(1, 1000), name: `join${node}` };
        const made = tools.join(into as never, { x: x.wire, y: y.wire } as never, options);
        add(made, (n) => Math.min(x.count(n), y.count(n)), false);
        deadLetters.push((n) => Math.abs(x.count(n) - y.count(n)));
      },
      (node) => {
        const from = take();
        const workers = one(1, 2, 3);
        const order = one("preserve", "any");
        const by = one<unknown>("round-robin", "least-loaded", "broadcast");
        shape.push(`batch${node} workers ${workers} ${order} ${by}`);
        isJoint = true;
        const batch = (from.wire as AnyWire).batch(Many, { max: one(1, 2, 3), linger: 5, name: `batch${node}` });
        const made = (batch as AnyWire).stage(unpack(node), { workers, order, by });
        const times = by === "broadcast" ? workers : 1;
        add(made, (n) => from.count(n) * times, from.isTainted);
      },
    ];
    for (let node = 0; node < size; node++) one(...makers)(node);
    let ends = wires.filter(({ used }) => !used);
    if (ends.length === 0) {
      stage(99);
      ends = wires.filter(({ used }) => !used);
    }
    let [end] = ends as [ModelWire];
    if (ends.length > 1) {
      const all = ends.map(({ wire }) => wire) as unknown as [never, never];
      end = {
        wire: tools.merge(...all) as never,
        count: (n) => sum(ends, n),
        isOrdered: false,
        isTainted: true,
        used: true,
      };
    }
    outputs = (n) => (end as ModelWire).count(n) + failures.reduce((total, count) => total + count(n), 0);
    isBatched = random(4) === 0;
    // failures pass by a batch
    isOrdered = !isJoint && end.isOrdered && ends.length === 1 && !(isBatched && failures.length > 0);
    return (isBatched ? (end.wire as AnyWire).batch(Many, { max: one(1, 2, 5), linger: 5000 }) : end.wire) as never;
  }) as Topology<N, N, never>;
  const letterCount: Count = (n) => deadLetters.reduce((total, count) => total + count(n), 0);
  return {
    topology,
    outputs,
    letters: letterCount,
    isOrdered,
    isBatched,
    isLossless,
    shape: shape.join(", "),
    mistakes,
  };
}

const sum = (wires: readonly ModelWire[], n: number) => wires.reduce((total, { count }) => total + count(n), 0);
