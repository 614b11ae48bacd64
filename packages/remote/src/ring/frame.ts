import { FLAGS, FRAME_HEADER, LENGTH, ORDER, OUTPUTS, PORT, type Segment, STATE, TICKET } from "./segment.js";

/** Kinds of frames. `END` leads to the next segment. */
export const END = 1;
export const MESSAGE = 2;
export const CONTROL = 3;
/** A control frame that acts before the messages which were published with it. */
export const EARLY = 4;
/** A message has left a node of a flow. */
export const LEAVE = 5;
/** A message that its home has moved from another log. The index of the payload's writer follows the payload. */
export const COMPACTED = 6;
/** Bytes of that writer's index. */
export const WRITER = 8;

/** States of a message, written by the home of its port, and read when that home is lost. */
export const QUEUED = 0;
export const DELIVERED = 1;
export const SETTLED = 2;
/** Dropped and counted as such, but not reported yet. */
export const DROPPED = 3;
export const DEAD = 4;
const WHERE = 7;
/** Bits above the state: redelivery, which goes first, and the number of attempts. */
const REDELIVERY = 8;
const ATTEMPTS = 4;
const MOST_ATTEMPTS = (1 << (32 - ATTEMPTS)) - 1;

export const redeliveryAfter = (attempts: number): number =>
  REDELIVERY | (Math.min(attempts, MOST_ATTEMPTS) << ATTEMPTS);

/** State that a home has written to a frame, for the next home. */
export interface Mark {
  readonly state: number;
  readonly order: number;
  readonly outputs: number;
}

/** A published frame in a segment. */
export class Frame {
  constructor(
    readonly segment: Segment,
    /** Offset of the header, in words. */
    readonly at: number,
    readonly kind: number,
  ) {}

  get port(): number {
    return this.segment.words[this.at + PORT] as number;
  }
  get ticket(): number {
    return this.segment.words[this.at + TICKET] as number;
  }
  get flags(): number {
    return this.segment.words[this.at + FLAGS] as number;
  }
  /** State of the message. Other threads read it only after this thread has ended, so it need not be atomic. */
  get where(): number {
    return this.#state & WHERE;
  }
  get isRedelivery(): boolean {
    return (this.#state & REDELIVERY) !== 0;
  }
  get attempts(): number {
    return this.#state >>> ATTEMPTS;
  }
  get #state(): number {
    return this.segment.words[this.at + STATE] as number;
  }
  /** Order among messages of one state. In flight: rises with delivery. Redeliveries: the next one has the highest. */
  get order(): number {
    return this.segment.words[this.at + ORDER] as number;
  }
  /** Number of outputs of the message that were sent while it is in flight. */
  get outputs(): number {
    return this.segment.words[this.at + OUTPUTS] as number;
  }
  set outputs(outputs: number) {
    this.segment.words[this.at + OUTPUTS] = outputs;
  }
  get mark(): Mark {
    return { state: this.#state, order: this.order, outputs: this.outputs };
  }

  /** True for a message, compacted or not. */
  get isMessage(): boolean {
    return this.kind === MESSAGE || this.kind === COMPACTED;
  }
  /** Writer of the payload, if it differs from the writer of the log. */
  get writer(): number | undefined {
    return this.kind === COMPACTED ? this.segment.words[this.payloadEnd >>> 2] : undefined;
  }

  /** Offset of the payload, in bytes. */
  get payloadStart(): number {
    return this.at * 4 + FRAME_HEADER;
  }
  get payloadEnd(): number {
    return this.at * 4 + this.length - (this.kind === COMPACTED ? WRITER : 0);
  }
  get length(): number {
    return this.segment.words[this.at + LENGTH] as number;
  }

  /** Settles the frame: the writer can reuse its memory. */
  settle(): void {
    this.segment.words[this.at + STATE] = SETTLED;
    this.segment.settle(this.length);
  }
}
