import { JetStreamApiError, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream";

/** Milliseconds after which a server that has not answered is asked again. */
const PATIENCE = 2000;
/** Milliseconds between two tries to reach it. */
const AGAIN = 100;
/** Milliseconds of tries without success after which that is told. */
const SILENT = 1000;

interface Frame {
  readonly bytes: Uint8Array;
  readonly id: string;
  /** Counts up with each frame. */
  readonly order: number;
  /** The place that it has in the stream, or nothing has it. */
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
  /** The frame, and all before it, is kept, at this place. */
  kept(order: number, sequence: number): void;
  /** The server keeps nothing more, for the time being. Called once until it keeps something again. */
  refused(error: Error): void;
  /** Somebody else writes there now. */
  lost(reason: string): void;
  /** The stream is gone. Resolves when there is an empty one. */
  renew(): Promise<void>;
}

/**
 * Writes frames to the end of a stream, each at a place of its own, whatever becomes of the connection: a frame that may not
 * have arrived is written again at that place, which the server refuses where it has it already, also past its window for
 * duplicates. Another program's frame at one of the places means that the stream is theirs; what is no frame is passed over.
 */
export class Appender {
  readonly #to: Appending;
  #frames: Frame[] = [];
  /** Counts the times that all was sent again: answers to earlier ones say nothing. */
  #round = 0;
  #isRepairing = false;
  /** Error with which the server refused a frame, if nothing was stored since. */
  #refusal: Error | undefined;
  #isOver = false;
  #orders = 0;
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

  /** True while the server keeps nothing more. */
  get isRefused(): boolean {
    return this.#refusal !== undefined;
  }

  /** Returns the order of the frame. */
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

  /** Finds out what has arrived, and sends the rest again. */
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
        await sleep(AGAIN); // not there
      }
    }
    this.#isRepairing = false;
    this.#round++;
    if (!this.#isOver) for (const frame of this.#frames) void this.#send(frame);
  }

  /** False when the stream is somebody else's. Rejects where the server cannot be asked. */
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

  /** Behind this place, each frame gets the next one. */
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

/** True for what some program wrote here; anything else was put there by a stranger. */
export const isFrameId = (id: string | undefined): boolean => FRAME_ID.test(id ?? "");

/** The server's code for a frame whose place is taken, or not reached yet. */
const WRONG_PLACE = 10071;
/** The server's code for a stream that is not there. */
const NO_STREAM = 10059;

/** True for what the server says no to for another reason than the order of frames, as when it has no room. */
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
