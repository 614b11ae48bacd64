import type { AnyRinglineError } from "@ringline/core";
import type { AnyMessage, Origin, SharedCounts } from "@ringline/core/backend";
import { lineageOf } from "@ringline/core/backend";
import { DONE } from "../account/port-block.js";
import { SETTLED } from "../ring/frame.js";
import type { Entering } from "../ring/log-writer.js";

/** How a thread tells the host what became of messages of a flow. */
export interface ThreadOriginLines {
  /** A message has left a node, which is counted already: it was the last of its input, or somebody wants to know. */
  noted(origin: ThreadOrigin, node: number): void;
  /** A message has left a node, and the host is to count it. */
  leave(origin: ThreadOrigin, node: number, error: AnyRinglineError | undefined): void;
}

/** What is filled in for whoever sends next. */
const entering: { -readonly [Name in keyof Entering]: Entering[Name] } = {
  ...{ words: new Int32Array(1), live: 0, load: 0 },
  ...{ region0: 0, region1: 0, region2: 0, region3: 0 },
};

/**
 * The input of a flow that one message here comes from, counted in memory that is shared with the host. While its message
 * is in hand, messages that this one causes may go straight on to the next stage.
 */
export class ThreadOrigin implements Origin {
  readonly isAlive = true;
  onCancelled: undefined;
  /** Its message is in hand. */
  isHeld = false;
  #hasLeft = false;

  constructor(
    /** Undefined where the flow is not known here: its messages only pass through. */
    readonly counts: SharedCounts | undefined,
    readonly block: number,
    readonly slot: number,
    /** Its number, and its generation in the lowest bit. */
    readonly key: number,
    readonly lines: ThreadOriginLines,
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

  /** What counts one more of it at a node. Undefined where it may be over. */
  entering(node: number): Entering | undefined {
    return this.counts !== undefined && this.isHeld ? this.#at(this.counts, node) : undefined;
  }

  #at(counts: SharedCounts, node: number): Entering {
    const { slot } = this;
    entering.words = counts.words;
    entering.live = counts.liveAt(slot);
    entering.load = counts.loadAt(node, this.key & 1);
    entering.region0 = counts.regionAt(slot, node, 0);
    entering.region1 = counts.regionAt(slot, node, 1);
    entering.region2 = counts.regionAt(slot, node, 2);
    entering.region3 = counts.regionAt(slot, node, 3);
    return entering;
  }

  /** Its message is done, at a port that counts so, and has left its node; `words`, `at`: where its frame says so. */
  done(port: Float64Array, words: Int32Array, at: number, node: number): void {
    const counts = this.counts as SharedCounts;
    const { words: shared, live, load, region0, region1, region2, region3 } = this.#at(counts, node);
    let isLast = false;
    // no call in between: wherever the thread is lost, the message has left or not
    port[DONE]!++;
    words[at] = SETTLED;
    const wasAlone = Atomics.sub(shared, load, 1) === 1;
    if (region0 !== 0 && Atomics.sub(shared, region0, 1) === 1) isLast = true;
    if (region1 !== 0 && Atomics.sub(shared, region1, 1) === 1) isLast = true;
    if (region2 !== 0 && Atomics.sub(shared, region2, 1) === 1) isLast = true;
    if (region3 !== 0 && Atomics.sub(shared, region3, 1) === 1) isLast = true;
    if (Atomics.sub(shared, live, 1) === 1) isLast = true;
    this.#hasLeft = true;
    this.isHeld = false;
    if (isLast || counts.isWatched || (wasAlone && counts.isEmptyWatched)) this.lines.noted(this, node);
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
