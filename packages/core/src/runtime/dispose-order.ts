import { turn } from "../time/turn.js";

/** A kernel in the order of disposal: its id and the kernels that it sends to. */
interface DisposeNode {
  readonly id: string;
  /** The kernels that it sends to. */
  readonly targets: readonly string[];
}

/** A kernel while circles are looked for. */
interface Visit<K> {
  readonly kernel: K;
  readonly targets: readonly string[];
  readonly number: number;
  /** The number of the earliest kernel on the path that it is known to lead back to. */
  earliest: number;
  isOnPath: boolean;
  /** Number of its targets that were visited. */
  next: number;
}

/**
 * Groups that may end together, one after the other: a kernel that sends comes before those it sends to, so that each can
 * finish what it has in flight. Kernels that feed each other in a circle end together. Linear in kernels and links: the
 * strongly connected components (Tarjan 1972, with a list in place of recursion), each as many groups after the first as the
 * longest way to it has steps. Thousands of kernels share the event loop with others.
 */
export async function disposeOrder<K extends DisposeNode>(kernels: readonly K[]): Promise<K[][]> {
  const circles = await cyclesOf(kernels);
  const circleOf = new Map(circles.flatMap((circle, i) => circle.map(({ id }) => [id, i] as const)));
  const steps = circles.map(() => 0);
  const groups: K[][] = [];
  // the last circle that was found feeds none but those before it
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

/** Each circle after those that it feeds; a kernel that is in none is one by itself. */
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

/** Takes a circle, which begins with `first`, off the path. */
function leavePath<K>(path: Visit<K>[], first: Visit<K>): K[] {
  const circle: K[] = [];
  for (let visit = path.pop(); visit !== undefined; visit = path.pop()) {
    visit.isOnPath = false;
    circle.push(visit.kernel);
    if (visit === first) break;
  }
  return circle.reverse();
}
