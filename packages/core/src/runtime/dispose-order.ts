import { turn } from "../time/turn.js";

/** A kernel in the order of disposal: its id and the kernels that it sends to. */
interface DisposeNode {
  readonly id: string;
  /** Ids of the kernels that this kernel sends to. */
  readonly targets: readonly string[];
}

/** A kernel during the search for cycles. */
interface Visit<K> {
  readonly kernel: K;
  readonly targets: readonly string[];
  readonly number: number;
  /** The lowest number of a kernel on the path that is known to be reachable from this one. */
  earliest: number;
  isOnPath: boolean;
  /** Number of visited targets. */
  next: number;
}

/**
 * Groups of kernels that may end together, in order: a kernel ends before those that it sends to, so that each can
 * finish its messages in flight. Kernels in a cycle end together. Linear in kernels and links: strongly connected
 * components (Tarjan 1972, iterative), each placed by its longest path from a first group. Yields to the event loop, as
 * there may be thousands of kernels.
 */
export async function disposeOrder<K extends DisposeNode>(kernels: readonly K[]): Promise<K[][]> {
  const circles = await cyclesOf(kernels);
  const circleOf = new Map(circles.flatMap((circle, i) => circle.map(({ id }) => [id, i] as const)));
  const steps = circles.map(() => 0);
  const groups: K[][] = [];
  // components are found in reverse topological order: each sends only to those found before it
  for (let i = circles.length - 1; i >= 0; i--) {
    if (turn.spend()) await turn.next();
    const circle = circles[i] as K[];
    const step = steps[i] as number;
    groups[step] ??= [];
    for (const kernel of circle) {
      groups[step].push(kernel);
      for (const id of kernel.targets) {
        const fed = circleOf.get(id);
        if (fed !== undefined && fed !== i) steps[fed] = Math.max(steps[fed] as number, step + 1);
      }
    }
  }
  return groups;
}

/** Strongly connected components, each after those that it sends to; a kernel outside any cycle is one by itself. */
async function cyclesOf<K extends DisposeNode>(kernels: readonly K[]): Promise<K[][]> {
  const byId = new Map(kernels.map((kernel) => [kernel.id, kernel]));
  const visits = new Map<string, Visit<K>>();
  const circles: K[][] = [];
  const path: Visit<K>[] = [];
  for (const start of byId.values()) {
    if (turn.spend()) await turn.next();
    const calls: Visit<K>[] = [];
    const enter = (kernel: K): void => {
      const { targets } = kernel;
      const visit = { kernel, targets, number: visits.size, earliest: visits.size, isOnPath: true, next: 0 };
      visits.set(kernel.id, visit);
      path.push(visit);
      calls.push(visit);
    };
    if (!visits.has(start.id)) enter(start);
    for (let visit = calls.at(-1); visit !== undefined; visit = calls.at(-1)) {
      if (visit.next < visit.targets.length) {
        const fed = byId.get(visit.targets[visit.next++] as string);
        const known = fed && visits.get(fed.id);
        if (fed !== undefined && known === undefined) enter(fed);
        else if (known?.isOnPath) visit.earliest = Math.min(visit.earliest, known.number);
        continue;
      }
      calls.pop();
      const caller = calls.at(-1);
      if (caller !== undefined) caller.earliest = Math.min(caller.earliest, visit.earliest);
      if (visit.earliest === visit.number) circles.push(leavePath(path, visit));
    }
  }
  return circles;
}

/** Removes the component that begins with `first` from the path. */
function leavePath<K>(path: Visit<K>[], first: Visit<K>): K[] {
  const circle: K[] = [];
  for (let visit = path.pop(); visit !== undefined; visit = path.pop()) {
    visit.isOnPath = false;
    circle.push(visit.kernel);
    if (visit === first) break;
  }
  return circle.reverse();
}
