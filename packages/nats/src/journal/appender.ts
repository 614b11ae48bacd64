import { JetStreamApiError, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream";

/** Milliseconds after which an unanswered request to the server times out. */
const PATIENCE = 2000;
/** Milliseconds between two attempts to reach the server. */
const AGAIN = 100;
/** Milliseconds of failed attempts after which the failure is reported. */
const SILENT = 1000;

interface Frame {
  readonly bytes: Uint8Array;
  readonly id: string;
  /** Counts up with each frame. */
  readonly order: number;
  /** Sequence number of the frame in the stream, stored or intended. */
  sequence: number;
  isKept: boolean;
}

/** Target of an appender, and its callbacks. */
export interface Appending {
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly stream: string;
  readonly subject: string;
  /** Prefix of frame ids. */
  readonly writer: string;
  /** Called when this frame and all before it are stored; the frame is at this sequence. */
  kept(order: number, sequence: number): void;
  /** Called when the server stops storing frames: once until it stores a frame again. */
  refused(error: Error): void;
  /** Called when another program writes to the stream. */
  lost(reason: string): void;
  /** Called when the stream was deleted. Resolves when an empty one exists. */
  renew(): Promise<void>;
}

/**
 * Appends frames to a stream, each at a fixed sequence, across connection losses: a frame that may not have arrived is
 * sent again for that sequence, which the server rejects if it has the frame, also after its window for duplicates. A
 * frame of another program at one of the sequences means that the other program owns the stream; foreign messages are
 * skipped.
 */
export class Appender {
  readonly #to: Appending;
  #frames: Frame[] = [];
  /** Number of repairs: failures of frames sent in earlier rounds are ignored. */
  #round = 0;
  #isRepairing = false;
  /** Error with which the server refused a frame, if nothing was stored since. */
  #refusal: Error | undefined;
  #isOver = false;
  #orders = 0;
  #next: number;

  /** `last`: sequence of the last stored frame. */
  constructor(to: Appending, last: number) {
    this.#to = to;
    this.#next = last + 1;
  }

  /** Number of frames that are not stored yet. */
  get size(): number {
    return this.#frames.length;
  }

  /** True while the server rejects frames. */
  get isRefused(): boolean {
    return this.#refusal !== undefined;
  }

  /** Appends a frame; returns its order. */
  append(bytes: Uint8Array): number {
    const order = ++this.#orders;
    const frame: Frame = { bytes, id: frameId(this.#to.writer, order), order, sequence: this.#next++, isKept: false };
    this.#frames.push(frame);
    if (!this.#isRepairing) void this.#send(frame);
    return order;
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
      if (round === this.#round && !this.#isRepairing && !this.#isOver) void this.#repair();
    }
  }

  #advance(): void {
    for (let [first] = this.#frames; first?.isKept; [first] = this.#frames) {
      this.#frames.shift();
      this.#refusal = undefined;
      if (!this.#isOver) this.#to.kept(first.order, first.sequence);
    }
  }

  #refusedWith(error: Error): void {
    const isNew = this.#refusal === undefined;
    this.#refusal = error;
    if (isNew && !this.#isOver) this.#to.refused(error);
  }

  /** Finds out which frames are stored, and sends the others again. */
  async #repair(): Promise<void> {
    this.#isRepairing = true;
    const since = performance.now();
    if (this.#refusal !== undefined) await sleep(AGAIN);
    while (!this.#isOver) {
      try {
        if (await this.#check()) break;
        this.#isOver = true;
      } catch (error) {
        if (performance.now() - since > SILENT) this.#refusedWith(error as Error);
        await sleep(AGAIN); // the server cannot be reached
      }
    }
    this.#isRepairing = false;
    this.#round++;
    if (!this.#isOver) for (const frame of this.#frames) void this.#send(frame);
  }

  /** Returns false if another program owns the stream. Rejects if the server cannot be reached. */
  async #check(): Promise<boolean> {
    const { manager, stream, lost } = this.#to;
    const last = await manager.streams.info(stream).then(({ state }) => state.last_seq, unlessNoStream);
    const first = this.#frames[0]?.sequence;
    if (first === undefined) return true;
    if (last === undefined || last < first - 1) {
      await this.#to.renew();
      this.#place(0);
      return true;
    }
    for (let sequence = first; sequence <= last; sequence++) {
      const there = await manager.streams.getMessage(stream, { seq: sequence }).catch(unlessMissing);
      const id = there?.header.get(ID);
      const own = this.#frames.find((frame) => frame.id === id);
      if (own !== undefined) {
        own.isKept = true;
        own.sequence = sequence;
      } else if (there === null || isFrameId(id)) {
        lost("it was written to by another program");
        return false;
      }
    }
    this.#advance();
    this.#place(last);
    return true;
  }

  /** Assigns new sequences, after `last`, to the frames that are not stored. */
  #place(last: number): void {
    this.#next = last + 1;
    for (const frame of this.#frames) if (!frame.isKept) frame.sequence = this.#next++;
  }
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The header that holds the id of a frame. */
export const ID = "Nats-Msg-Id";
const FRAME_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.\d+$/;

const frameId = (writer: string, order: number): string => `${writer}.${order}`;

/** True for the id of a frame; other messages were written by foreign programs. */
export const isFrameId = (id: string | undefined): boolean => FRAME_ID.test(id ?? "");

/** The server's code for a sequence that is taken, or not reached yet. */
const WRONG_PLACE = 10071;
/** The server's code for a stream that does not exist. */
const NO_STREAM = 10059;

/** True if the server rejects a frame for another reason than its sequence, such as a lack of space. */
function isRefusal(error: unknown): error is JetStreamApiError {
  return error instanceof JetStreamApiError && error.code !== WRONG_PLACE;
}

export const isNoStream = (error: unknown): boolean => error instanceof JetStreamApiError && error.code === NO_STREAM;

function unlessNoStream(error: unknown): undefined {
  if (!isNoStream(error)) throw error;
}

function unlessMissing(error: unknown): null {
  if (error instanceof JetStreamApiError) return null;
  throw error;
}
