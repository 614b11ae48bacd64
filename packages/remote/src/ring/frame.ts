import { FLAGS, FRAME_HEADER, LENGTH, PORT, type Segment, STATE, TICKET } from "./segment.js";

/** What a frame is. `END` leads to the next segment. */
export const END = 1;
export const MESSAGE = 2;
export const CONTROL = 3;
/** A control frame that acts before the messages which were published with it. */
export const EARLY = 4;
/** A message has left a node of a flow. */
export const LEFT = 5;

/** Where a message is, written by the home of its port; it is read when that home is lost. */
export const QUEUED = 0;
export const IN_HAND = 1;
export const SETTLED = 2;

/** A published frame, where it lies. */
export class Frame {
  constructor(
    readonly segment: Segment,
    /** Of the header, in words. */
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
  get state(): number {
    return this.segment.words[this.at + STATE] as number;
  }
  /** Read by others only once this thread has ended, so it need not be atomic. */
  set state(state: number) {
    this.segment.words[this.at + STATE] = state;
  }
  /** In bytes. */
  get payloadStart(): number {
    return this.at * 4 + FRAME_HEADER;
  }
  get payloadEnd(): number {
    return this.at * 4 + (this.segment.words[this.at + LENGTH] as number);
  }

  /** Gives its memory back to the writer. */
  settle(): void {
    this.state = SETTLED;
    this.segment.settle();
  }
}
