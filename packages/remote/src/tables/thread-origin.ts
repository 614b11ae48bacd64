import type { AnyRinglineError } from "@ringline/core";
import type { AnyMessage, Origin, SharedCounts } from "@ringline/core/internal";
import { lineageOf } from "@ringline/core/internal";
import type { FlowCells } from "../account/flow-cells.js";
import { IS_LAST, type LeaveResult, WAS_ALONE } from "../account/shared-account.js";

/** Connection of a thread to the host for messages of flows. */
export interface ThreadOriginLinks {
  /** A message has left a node, which is counted already: it was the last of its input, or somebody wants to know. */
  noted(origin: ThreadOrigin, node: number): void;
  /** A message has left a node, and the host is to count it. */
  leave(origin: ThreadOrigin, node: number, error: AnyRinglineError | undefined): void;
}

/** Scratch cells that are filled for the next sender. */
const cellsOf: { -readonly [Name in keyof FlowCells]: FlowCells[Name] } = {
  ...{ flow: 0, words: new Int32Array(1), live: 0, load: 0 },
  ...{ region0: 0, region1: 0, region2: 0, region3: 0 },
};

/**
 * The input of a flow that one message here comes from, counted in memory that is shared with the host. While its message
 * is in hand, messages that this one causes may go straight on to the next stage.
 */
export class ThreadOrigin implements Origin {
  readonly isAlive = true;
  onCancelled: undefined;
  /** True while its message is in flight. */
  isHeld = false;
  #hasLeft = false;

  constructor(
    /** Undefined where the flow is not known here: its messages only pass through. */
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

  /** Cells in which its messages at a node are counted. Undefined if it may be over. */
  entering(node: number): FlowCells | undefined {
    return this.counts !== undefined && this.isHeld ? this.#at(this.counts, node) : undefined;
  }

  /** The same for its message in hand, when it leaves that node. */
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

  /** Notes that its message is done, at a port that counts so, and has left its node. */
  hasLeftNode(node: number, left: LeaveResult): void {
    const { isWatched, isEmptyWatched } = this.counts as SharedCounts;
    this.#hasLeft = true;
    this.isHeld = false;
    const isEmpty = (left & WAS_ALONE) !== 0 && isEmptyWatched;
    if ((left & IS_LAST) !== 0 || isWatched || isEmpty) this.lines.noted(this, node);
  }

  /** The same where nobody has counted it yet. */
  leave(node: number, error?: AnyRinglineError): void {
    if (this.#hasLeft) return;
    this.isHeld = false;
    this.lines.leave(this, node, error);
  }
}

/** The input of a message that was brought here from elsewhere. */
export function threadOriginOf(message: AnyMessage): ThreadOrigin | undefined {
  const origin = lineageOf(message)?.origin;
  return origin instanceof ThreadOrigin ? origin : undefined;
}
