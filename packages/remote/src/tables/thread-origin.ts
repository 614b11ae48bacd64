import type { AnyRinglineError } from "@ringline/core";
import type { AnyMessage, Origin, SharedCounts } from "@ringline/core/internal";
import { lineageOf } from "@ringline/core/internal";
import type { FlowCells } from "../account/flow-cells.js";
import { IS_LAST, type LeaveResult, WAS_ALONE } from "../account/shared-account.js";

/** Link of a thread to the host for messages of flows. */
export interface ThreadOriginLinks {
  /** Reports a leave that is already counted: the message was the last of its input, or the flow is watched. */
  noted(origin: ThreadOrigin, node: number): void;
  /** Reports a leave that the host must count. */
  leave(origin: ThreadOrigin, node: number, error: AnyRinglineError | undefined): void;
}

/** Scratch object, overwritten for each send. */
const cellsOf: { -readonly [Name in keyof FlowCells]: FlowCells[Name] } = {
  ...{ flow: 0, words: new Int32Array(1), live: 0, load: 0 },
  ...{ region0: 0, region1: 0, region2: 0, region3: 0 },
};

/**
 * The origin of one message in this thread, counted in memory shared with the host. While the message is in flight, its
 * outputs may go directly to the next stage.
 */
export class ThreadOrigin implements Origin {
  readonly isAlive = true;
  onCancelled: undefined;
  /** True while its message is in flight. */
  isHeld = false;
  #hasLeft = false;

  constructor(
    /** Undefined if the flow has no kernel here: its messages only pass through. */
    readonly counts: SharedCounts | undefined,
    readonly block: number,
    readonly slot: number,
    /** Number of the input, with its generation in the lowest bit. */
    readonly key: number,
    readonly lines: ThreadOriginLinks,
  ) {}

  get flow(): string {
    return this.counts?.flow ?? "";
  }

  get isCancelled(): boolean {
    return this.counts?.isCancelled(this.slot, this.key >>> 1) ?? false;
  }

  isOpen(): boolean {
    return true;
  }
  enter(): void {}
  withdraw(): void {}

  /** Cells to count an output at a node. Undefined unless the message is in flight: the input may have ended. */
  entering(node: number): FlowCells | undefined {
    return this.counts !== undefined && this.isHeld ? this.#at(this.counts, node) : undefined;
  }

  /** Cells to uncount the message at the node that it leaves. */
  leaving(node: number): FlowCells {
    return this.#at(this.counts as SharedCounts, node);
  }

  #at(counts: SharedCounts, node: number): FlowCells {
    const { slot } = this;
    const entering = cellsOf;
    entering.flow = counts.id + 1;
    entering.words = counts.words;
    entering.live = counts.liveAt(slot);
    entering.load = counts.loadAt(node, this.key & 1);
    entering.region0 = counts.regionAt(slot, node, 0);
    entering.region1 = counts.regionAt(slot, node, 1);
    entering.region2 = counts.regionAt(slot, node, 2);
    entering.region3 = counts.regionAt(slot, node, 3);
    return entering;
  }

  /** Handles the end of its message at a port that counts in shared memory; reports to the host if needed. */
  hasLeftNode(node: number, left: LeaveResult): void {
    const { isWatched, isEmptyWatched } = this.counts as SharedCounts;
    this.#hasLeft = true;
    this.isHeld = false;
    const isEmpty = (left & WAS_ALONE) !== 0 && isEmptyWatched;
    if ((left & IS_LAST) !== 0 || isWatched || isEmpty) this.lines.noted(this, node);
  }

  /** Reports a leave that is not counted yet to the host. */
  leave(node: number, error?: AnyRinglineError): void {
    if (this.#hasLeft) return;
    this.isHeld = false;
    this.lines.leave(this, node, error);
  }
}

/** The origin of a message from another thread. */
export function threadOriginOf(message: AnyMessage): ThreadOrigin | undefined {
  const origin = lineageOf(message)?.origin;
  return origin instanceof ThreadOrigin ? origin : undefined;
}
