import { countNoted, type FlowCells, NOTED, noteCells } from "../account/flow-cells.js";
import type { LostHome } from "../account/shared-account.js";
import type { Frame } from "./frame.js";
import { OUTPUTS } from "./segment.js";

/** Word index of the send intent, after the words of the bell. */
const AT = 48;
/** The port that the thread is sending to; 0: none. */
const PORT = AT;
/** The log that it writes to, and the number of frames published there before. */
const LOG = AT + 1;
const POSITION = AT + 2;
const FLOW = AT + 3;
const COUNTED = AT + 4;
const CELLS = AT + 5;
/**
 * The message in flight that caused the output being sent: its log plus one (0: none), its segment and offset, its
 * number of outputs with this one.
 */
const CAUSE_LOG = CELLS + NOTED;
const CAUSE_SEGMENT = CAUSE_LOG + 1;
const CAUSE_AT = CAUSE_LOG + 2;
const CAUSE_OUTPUTS = CAUSE_LOG + 3;

const NO_LOG = -1;
const COUNT = 0x7fff_ffff;

/**
 * The next send of a thread, recorded in shared memory. When the thread is lost, the host learns from it whether room
 * in a port was taken, and a message of a flow counted, for a frame that was never published.
 */
export class SendIntent {
  readonly #words: Int32Array;

  constructor(bell: SharedArrayBuffer) {
    this.#words = new Int32Array(bell);
  }

  get port(): number {
    return Atomics.load(this.#words, PORT);
  }

  begin(port: number): void {
    this.#words[PORT] = port;
  }
  /** Ends the intent: frames published later are not part of it. */
  end(): void {
    this.#words[FLOW] = 0;
    this.#words[PORT] = 0;
  }

  /** Records that the next frame of this log is the message. */
  publishing(log: number, position: number): void {
    const words = this.#words;
    words[LOG] = NO_LOG;
    words[POSITION] = position;
    words[LOG] = log;
  }

  /**
   * Counts a message of a flow. A thread is terminated only at calls and loops, so each count and its record stay
   * together.
   */
  enter(cells: FlowCells): void {
    const note = this.#words;
    const { words, live, load, region0, region1, region2, region3 } = cells;
    note[COUNTED] = 0;
    noteCells(note, CELLS, cells);
    note[FLOW] = cells.flow;
    Atomics.add(words, load, 1);
    note[COUNTED] = 1;
    if (region0 !== 0) Atomics.add(words, region0, 1);
    note[COUNTED] = 2;
    if (region1 !== 0) Atomics.add(words, region1, 1);
    note[COUNTED] = 3;
    if (region2 !== 0) Atomics.add(words, region2, 1);
    note[COUNTED] = 4;
    if (region3 !== 0) Atomics.add(words, region3, 1);
    note[COUNTED] = 5;
    Atomics.add(words, live, 1);
    note[COUNTED] = NOTED;
  }

  /**
   * Records that the message is an output of a message in flight, in the log written by `by`; `outputs` includes this
   * one.
   */
  output(cause: Frame, by: number, outputs: number): void {
    const words = this.#words;
    words[LOG] = NO_LOG;
    words[CAUSE_SEGMENT] = cause.segment.id;
    words[CAUSE_AT] = cause.at;
    words[CAUSE_OUTPUTS] = outputs;
    words[CAUSE_LOG] = by + 1;
  }
  /** Ends the record of an output: it was sent, as its cause records, or not sent. */
  endOutput(): void {
    this.#words[CAUSE_LOG] = 0;
  }

  /**
   * Recovers the intent of a lost thread: uncounts a message whose frame was not published, and counts an output whose
   * frame was. Returns the port in which room may still be taken.
   */
  recover(published: (log: number) => number | undefined, { flow, segment }: LostHome): number {
    const note = this.#words;
    const port = note[PORT]!;
    const isPublished = this.#isPublished(published);
    const words = note[FLOW] === 0 ? undefined : flow(note[FLOW]!);
    if (words !== undefined && !isPublished) countNoted(note, CELLS, words, 0, note[COUNTED]!, -1);
    const cause = note[CAUSE_LOG] === 0 ? undefined : segment(note[CAUSE_LOG]! - 1, note[CAUSE_SEGMENT]!);
    if (cause !== undefined && isPublished) cause[note[CAUSE_AT]! + OUTPUTS] = note[CAUSE_OUTPUTS]!;
    this.endOutput();
    this.end();
    return port;
  }

  #isPublished(published: (log: number) => number | undefined): boolean {
    const now = this.#words[LOG] === NO_LOG ? undefined : published(this.#words[LOG]!);
    return (
      now !== undefined && ((now - this.#words[POSITION]!) & COUNT) - 1 < COUNT >>> 1 && now !== this.#words[POSITION]
    );
  }
}
