import type { Clock } from "../time/clock.js";
import { ABORTED, LazyController, onAbort, onAbortInTurn } from "../time/on-abort.js";
import { turn } from "../time/turn.js";
import type { TerminateOptions } from "./channel.js";

/** Default time that a kernel has to end by itself, in milliseconds. */
export const TERMINATE_TIMEOUT = 5000;

/** Milliseconds after the grace period in which a place can still report the end of a kernel. */
export const REPORT_GRACE = 900;

/**
 * The two deadlines of a termination. `grace` aborts when the time to end by itself is over; `late` aborts a little
 * later: from then on nothing is awaited any more.
 */
export interface TerminationDeadlines {
  readonly grace: AbortSignal;
  readonly late: AbortSignal;
}

/**
 * The single termination of a kernel, a flow or a runtime: all callers wait for the same one, and each may cut its
 * grace period short.
 */
export class Termination {
  readonly #clock: Clock;
  readonly #reportGrace: () => number;
  readonly #grace = new LazyController();
  readonly #late = new LazyController();
  #ended: Promise<void> | undefined;

  /** `reportGrace`: milliseconds between the two deadlines. */
  constructor(clock: Clock, reportGrace = () => REPORT_GRACE) {
    this.#clock = clock;
    this.#reportGrace = reportGrace;
  }

  /** Undefined until the end begins; resolves with the end. */
  get ended(): Promise<void> | undefined {
    return this.#ended;
  }

  /** Runs the termination, unless it runs already; a nested call waits for the same one. */
  begin(end: (deadlines: TerminationDeadlines) => Promise<void>): Promise<void> {
    if (this.#ended !== undefined) return this.#ended;
    let settle!: (end: Promise<void>) => void;
    this.#ended = new Promise((resolve) => {
      settle = resolve;
    });
    settle(this.#run(end));
    return this.#ended;
  }

  async #run(end: (deadlines: TerminationDeadlines) => Promise<void>): Promise<void> {
    let cancel = () => {};
    const forget = onAbort(this.#grace.signal, () => {
      cancel = this.#clock.after(this.#reportGrace(), () => this.#late.abort(() => ABORTED));
    });
    try {
      await end({ grace: this.#grace.signal, late: this.#late.signal });
    } finally {
      forget();
      cancel();
    }
  }

  /** Begins the termination with a grace period. The options are checked by the caller. */
  async beginWithin(
    { timeout, signal }: TerminateOptions,
    end: (deadlines: TerminationDeadlines) => Promise<void>,
  ): Promise<void> {
    const cutShort = () => this.#grace.abort(() => ABORTED);
    const limit = timeout ?? TERMINATE_TIMEOUT;
    const ended = this.begin(end);
    const cancel = limit === Number.POSITIVE_INFINITY ? undefined : this.#clock.after(limit, cutShort);
    const forget = signal && onAbortInTurn(signal, cutShort);
    try {
      await ended;
    } finally {
      cancel?.();
      forget?.();
    }
  }
}

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
  const components = await cyclesOf(kernels);
  const componentOf = new Map(components.flatMap((component, i) => component.map(({ id }) => [id, i] as const)));
  const steps = components.map(() => 0);
  const groups: K[][] = [];
  // components are found in reverse topological order: each sends only to those found before it
  for (let i = components.length - 1; i >= 0; i--) {
    if (turn.spend()) await turn.next();
    const component = components[i] as K[];
    const step = steps[i] as number;
    groups[step] ??= [];
    for (const kernel of component) {
      groups[step].push(kernel);
      for (const id of kernel.targets) {
        const fed = componentOf.get(id);
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
  const components: K[][] = [];
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
      if (visit.earliest === visit.number) components.push(leavePath(path, visit));
    }
  }
  return components;
}

/** Removes the component that begins with `first` from the path. */
function leavePath<K>(path: Visit<K>[], first: Visit<K>): K[] {
  const component: K[] = [];
  for (let visit = path.pop(); visit !== undefined; visit = path.pop()) {
    visit.isOnPath = false;
    component.push(visit.kernel);
    if (visit === first) break;
  }
  return component.reverse();
}
