import { countNoted, type FlowCells, NOTED, noteCells } from "../account/flow-cells.js";
import type { LostHome } from "../account/shared-account.js";
import type { Frame } from "./frame.js";
import { OUTPUTS } from "./segment.js";

/** Words of the note, behind those of the bell. */
const AT = 48;
/** The port to which its thread is being admitted; 0: none. */
const PORT = AT;
/** The log to which it writes, and how much was published there before. */
const LOG = AT + 1;
const POSITION = AT + 2;
const FLOW = AT + 3;
const COUNTED = AT + 4;
const CELLS = AT + 5;
/** The message in hand that what is sent is an output of: its log plus one (0: none), where it lies, its outputs then. */
const CAUSE_LOG = CELLS + NOTED;
const CAUSE_SEGMENT = CAUSE_LOG + 1;
const CAUSE_AT = CAUSE_LOG + 2;
const CAUSE_OUTPUTS = CAUSE_LOG + 3;

const NO_LOG = -1;
const COUNT = 0x7fff_ffff;

/**
 * The next send of a thread, noted in shared memory: when the thread is lost, the host learns from it whether a place
 * of a port was taken, and a message of a flow counted, for a frame that was never published.
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
  /** From then on whatever is published is no part of it. */
  end(): void {
    this.#words[FLOW] = 0;
    this.#words[PORT] = 0;
  }

  /** Notes that the next frame of this log will be the message. */
  publishing(log: number, position: number): void {
    const words = this.#words;
    words[LOG] = NO_LOG;
    words[POSITION] = position;
    words[LOG] = log;
  }

  /** Counts a message of a flow. A thread ends at calls and loops alone: what was counted is noted as such. */
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
   * Notes that the message is an output of a message in flight, which lies in the log written by `by`: the last of
   * this many.
   */
  output(cause: Frame, by: number, outputs: number): void {
    const words = this.#words;
    words[LOG] = NO_LOG;
    words[CAUSE_SEGMENT] = cause.segment.id;
    words[CAUSE_AT] = cause.at;
    words[CAUSE_OUTPUTS] = outputs;
    words[CAUSE_LOG] = by + 1;
  }
  /** Ends the note of an output: it was sent, as its cause records, or not. */
  endOutput(): void {
    this.#words[CAUSE_LOG] = 0;
  }

  /**
   * Recovers the note of a lost thread: takes back what was counted for a frame that is not there, and counts an
   * output that is. Returns the port at which a place may be taken.
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
