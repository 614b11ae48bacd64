import type { Shape } from "../codec/shapes.js";
import { Bell } from "../ring/bell.js";
import { LogReader } from "../ring/log-reader.js";
import { type Announcer, LogWriter } from "../ring/log-writer.js";
import { SendIntent } from "../ring/send-intent.js";
import type { Wire } from "./wire.js";

/** The index of the thread that created the runtime. */
export const HOST = 0;

/** The shared memory between two threads. */
export interface LinkMemory {
  readonly out: SharedArrayBuffer;
  readonly in: SharedArrayBuffer;
  /** The bell of the other thread. */
  readonly bell: SharedArrayBuffer;
}

/** A link from one thread to another: a log each way and the other thread's doorbell. */
export class Link {
  readonly index: number;
  readonly writer: LogWriter;
  readonly reader: LogReader;
  readonly bell: Bell;
  readonly wire: Wire;
  /** Shapes of the messages that the other thread writes; of a link to itself, those of this place. */
  shapes: Shape[] = [];
  /** Number of this place's shapes that the other thread knows. */
  shapesTold = 0;

  /** `own`: the bell of this thread, whose memory also holds its send intent. */
  constructor(index: number, memory: LinkMemory, own: SharedArrayBuffer, wire: Wire, announce: Announcer) {
    this.index = index;
    this.writer = new LogWriter(new Int32Array(memory.out), index, new SendIntent(own), announce);
    this.reader = new LogReader(new Int32Array(memory.in));
    this.bell = new Bell(memory.bell);
    this.wire = wire;
  }
}
