import { JetStreamApiError, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream";
import type { AnyRinglineError } from "@ringline/core";

/** Milliseconds after which a server that has not answered is asked again. */
const PATIENCE = 2000;
/** Milliseconds between two tries to reach it. */
const AGAIN = 100;

interface Frame {
  readonly bytes: Uint8Array;
  readonly id: string;
  /** The place that it has in the stream, or nothing has it. */
  readonly sequence: number;
  isKept: boolean;
}

/** What an appender writes to, and who wants to know. */
export interface Appending {
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly stream: string;
  readonly subject: string;
  /** What ids of frames begin with. */
  readonly writer: string;
  /** Frames are kept up to this place. */
  kept(sequence: number): void;
  /** The server refuses to keep anything more, for the time being. */
  refused(error: Error): void;
  /** Somebody else writes there now. */
  lost(reason: string): AnyRinglineError;
}

/**
 * Writes frames to the end of a stream, each at a place of its own, whatever becomes of the connection: a frame that may not
 * have arrived is written again at that place, which the server refuses where it has it already, also past its window for
 * duplicates. Somebody else's frame at one of the places means that the stream is theirs.
 */
export class Appender {
  readonly #to: Appending;
  readonly #frames: Frame[] = [];
  /** Counts the times that all was sent again: answers to earlier ones say nothing. */
  #round = 0;
  #isMending = false;
  /** What the server refused a frame with, and nothing was kept since. */
  #refusal: Error | undefined;
  #isOver = false;
  #next: number;

  /** `last`: the place of the last frame that is there. */
  constructor(to: Appending, last: number) {
    this.#to = to;
    this.#next = last + 1;
  }

  /** Frames that are not kept yet. */
  get size(): number {
    return this.#frames.length;
  }

  /** Returns the place of the frame. */
  append(bytes: Uint8Array): number {
    const sequence = this.#next++;
    const frame: Frame = { bytes, id: `${this.#to.writer}.${sequence}`, sequence, isKept: false };
    this.#frames.push(frame);
    if (!this.#isMending) void this.#send(frame);
    return sequence;
  }

  close(): void {
    this.#isOver = true;
  }

  async #send(frame: Frame): Promise<void> {
    const round = this.#round;
    const { client, subject } = this.#to;
    const options = { msgID: frame.id, expect: { lastSequence: frame.sequence - 1 }, timeout: PATIENCE, retries: 0 };
    try {
      await client.publish(subject, frame.bytes, options);
      frame.isKept = true;
      this.#advance();
    } catch (error) {
      if (isRefusal(error)) this.#refusedWith(error);
      if (round === this.#round && !this.#isMending && !this.#isOver) void this.#mend();
    }
  }

  #advance(): void {
    let last: number | undefined;
    while (this.#frames[0]?.isKept) last = this.#frames.shift()?.sequence;
    if (last === undefined) return;
    this.#refusal = undefined;
    if (!this.#isOver) this.#to.kept(last);
  }

  #refusedWith(error: Error): void {
    if (this.#refusal === undefined && !this.#isOver) this.#to.refused(error);
    this.#refusal = error;
  }

  /** Finds out what has arrived, and sends the rest again. */
  async #mend(): Promise<void> {
    this.#isMending = true;
    if (this.#refusal !== undefined) await new Promise((resolve) => setTimeout(resolve, AGAIN));
    while (!this.#isOver) {
      try {
        const isOurs = await this.#look();
        if (isOurs) break;
        this.#isOver = true;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, AGAIN)); // not there
      }
    }
    this.#isMending = false;
    this.#round++;
    if (!this.#isOver) for (const frame of this.#frames) void this.#send(frame);
  }

  /** False when the stream is somebody else's. Rejects where the server cannot be asked. */
  async #look(): Promise<boolean> {
    const { manager, stream } = this.#to;
    const { state } = await manager.streams.info(stream);
    for (const frame of [...this.#frames]) {
      if (frame.sequence > state.last_seq) break;
      if (frame.isKept) continue;
      const there = await manager.streams.getMessage(stream, { seq: frame.sequence }).catch(unlessMissing);
      if (there?.header.get("Nats-Msg-Id") !== frame.id) return this.#lose("it was written to by another program");
      frame.isKept = true;
    }
    this.#advance();
    const [first] = this.#frames;
    if (first === undefined || state.last_seq === first.sequence - 1) return true;
    return this.#lose(`its end is at ${state.last_seq}, and was at ${first.sequence - 1}`);
  }

  #lose(reason: string): false {
    this.#to.lost(reason);
    return false;
  }
}

/** The server's code for a frame whose place is taken, or not reached yet. */
const WRONG_PLACE = 10071;

/** True for what the server says no to for another reason than the order of frames, as when it has no room. */
function isRefusal(error: unknown): error is JetStreamApiError {
  return error instanceof JetStreamApiError && error.code !== WRONG_PLACE;
}

function unlessMissing(error: unknown): null {
  if (error instanceof JetStreamApiError) return null;
  throw error;
}
