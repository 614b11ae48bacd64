import type { SharedCounts } from "./shared-counts.js";

/**
 * The structure by which a flow counts messages: its nodes, and the regions upstream of the points that wait for an
 * input to pass.
 */
export interface InFlightPlan {
  readonly flow: string;
  readonly nodes: number;
  /** By node: the regions that it belongs to. */
  readonly regionsOf: readonly (readonly number[])[];
  readonly regions: number;
}

/** A watcher that is notified when a message has left a node. */
export interface LeaveWatcher {
  /** True for a watcher that needs to know only when the last message of a generation has left. */
  readonly onlyLast?: boolean;
  messageLeft(node: number): void;
}

/** An input in the order of entry. */
interface Linked<Input> {
  previous: Input | undefined;
  next: Input | undefined;
}

/** Callbacks for the progress of inputs. */
export interface InFlightListener<Input> {
  /** Called when no message of the input is left in the region. */
  closed(region: number, origin: Input): void;
  /** Called when no message of the input is left. */
  settled(origin: Input): void;
}

/**
 * The inputs in flight of a flow, in the order of entry, and the number of messages at each node. Inputs belong to one
 * of two generations: a flush waits for inputs that entered before it, not for later ones.
 */
export class InFlightCounter<Input extends Linked<Input>> {
  readonly flow: string;
  readonly regionsOf: readonly (readonly number[])[];
  readonly regions: number;
  readonly listener: InFlightListener<Input>;
  /** Messages by node and generation: at twice the node, plus the generation. */
  readonly loads: Int32Array;
  /**
   * Counts in shared memory, if threads count too: they notify the host of messages that leave, while there is a
   * watcher.
   */
  readonly shared: SharedCounts | undefined;
  /** The oldest input in flight. */
  first: Input | undefined;
  #last: Input | undefined;
  /** Generation of the inputs that enter now. */
  generation = 0;
  #entered = 0;
  readonly #watchers = new Set<LeaveWatcher>();

  constructor(plan: InFlightPlan, listener: InFlightListener<Input>, shared?: SharedCounts) {
    this.flow = plan.flow;
    this.regionsOf = plan.regionsOf;
    this.regions = plan.regions;
    this.listener = listener;
    this.shared = shared;
    this.loads = shared?.loads ?? new Int32Array(plan.nodes * 2);
  }

  /** Appends an input. Returns its position in the order of entry. */
  add(origin: Input): number {
    origin.previous = this.#last;
    if (this.#last === undefined) this.first = origin;
    else this.#last.next = origin;
    this.#last = origin;
    return this.#entered++;
  }

  remove(origin: Input): void {
    if (origin.previous === undefined) this.first = origin.next;
    else origin.previous.next = origin.next;
    if (origin.next === undefined) this.#last = origin.previous;
    else origin.next.previous = origin.previous;
    origin.previous = undefined;
    origin.next = undefined;
  }

  /** Messages at a node. */
  load(node: number): number {
    return this.loads[node * 2]! + this.loads[node * 2 + 1]!;
  }

  /** True while there are watchers. */
  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  /**
   * Adds a watcher. Messages that left a node in another thread just before are not reported: check once more after
   * this call.
   */
  watch(watcher: LeaveWatcher): void {
    this.#watchers.add(watcher);
    this.#notify();
  }

  unwatch(watcher: LeaveWatcher): void {
    this.#watchers.delete(watcher);
    this.#notify();
  }

  #notify(): void {
    if (this.shared === undefined) return;
    const each = [...this.#watchers].some(({ onlyLast }) => onlyLast !== true);
    this.shared.watch(each, this.isWatched);
  }

  messageLeft(node: number): void {
    for (const watcher of this.#watchers) watcher.messageLeft(node);
  }

  /** Calls back once, when the next message leaves a node. */
  whenMessageLeaves(callback: () => void): void {
    const watcher: LeaveWatcher = {
      messageLeft: () => {
        this.unwatch(watcher);
        callback();
      },
    };
    this.watch(watcher);
  }

  /** Resolves when no message of this generation is at these nodes. */
  whenEmpty(nodes: readonly number[], generation: number): Promise<void> {
    // in downstream order, so that a message that moves on meanwhile is seen at a later node
    const ordered = [...nodes].sort((a, b) => a - b);
    const isQuiet = () => ordered.every((node) => this.loads[node * 2 + generation] === 0);
    if (isQuiet()) return Promise.resolve();
    return new Promise((resolve) => {
      const watcher: LeaveWatcher = {
        onlyLast: true,
        messageLeft: (node) => {
          if (this.loads[node * 2 + generation] !== 0 || !isQuiet()) return;
          this.unwatch(watcher);
          resolve();
        },
      };
      this.watch(watcher);
      watcher.messageLeft(ordered[0] as number);
    });
  }
}
