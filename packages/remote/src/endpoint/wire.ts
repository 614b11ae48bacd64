import { macrotask } from "@ringline/core/internal";
import type { LogReader } from "../ring/log-reader.js";
import { ANNOUNCED } from "../ring/log-writer.js";

/** Carrier of announcements and wake-ups between two threads. Announcements carry shared memory, which logs cannot. */
export interface Wire {
  /** Number of announcements that the other thread has posted; counted in shared memory before anything depends on them. */
  readonly announced: number;
  /** Number of announcements of the other thread that were handled here. */
  readonly handled: number;
  post(announcement: object, transfer?: readonly object[]): void;
  /** Wakes the other thread. */
  ring(): void;
  /** Handles the announcements that have arrived, at once where the platform can. */
  pump(): void;
  /** Awaits no more announcements: the other thread has ended, and they are lost. */
  giveUp(): void;
  close(): void;
}

/** One end of a channel between two threads, as a platform has it. Messages arrive in order. */
export interface ChannelEnd {
  post(message: unknown, transfer: readonly object[]): void;
  /** Takes a message that has arrived and is not handled yet; undefined if there is none. Missing if the platform has no such call. */
  take?(): { readonly message: unknown } | undefined;
  close(): void;
}

/** Services of the platform of a thread. */
export interface WirePlatform {
  /** Opens one end of a channel, which may have come from another thread. */
  open(end: object, arrived: (message: unknown) => void): ChannelEnd;
}

/** Handlers of what arrives over a wire. */
export interface WireEvents {
  announced(announcement: object): void;
  wake(): void;
  /** True if this thread waits for announcements before it can read. */
  isBehind(): boolean;
}

/** The message that wakes a thread. */
const WAKE = 0;

/** A wire over a channel of the platform. */
export class ChannelWire implements Wire {
  readonly #end: ChannelEnd;
  readonly #events: WireEvents;
  readonly #out: Int32Array;
  readonly #in: Int32Array;
  handled = 0;

  /** `memory`: controls of the logs to the other thread and from it, where announcements are counted. */
  constructor(
    platform: WirePlatform,
    end: object,
    memory: { readonly out: SharedArrayBuffer; readonly in: SharedArrayBuffer },
    events: WireEvents,
  ) {
    this.#events = events;
    this.#out = new Int32Array(memory.out);
    this.#in = new Int32Array(memory.in);
    this.#end = platform.open(end, (message) => this.#arrived(message));
  }

  get announced(): number {
    return Atomics.load(this.#in, ANNOUNCED);
  }

  post(announcement: object, transfer: readonly object[] = []): void {
    this.#end.post(announcement, transfer);
    Atomics.add(this.#out, ANNOUNCED, 1);
  }

  ring(): void {
    this.#end.post(WAKE, []);
  }

  #arrived(message: unknown): void {
    if (message !== WAKE) {
      this.#handle(message as object);
      if (!this.#events.isBehind()) return;
    }
    this.#events.wake();
  }

  #handle(announcement: object): void {
    this.#events.announced(announcement);
    this.handled++;
  }

  pump(): void {
    for (let next = this.#end.take?.(); next !== undefined; next = this.#end.take?.()) {
      // the caller of `pump` is reading already
      if (next.message === WAKE) macrotask(() => this.#events.wake());
      else this.#handle(next.message as object);
    }
  }

  giveUp(): void {
    this.handled = Number.POSITIVE_INFINITY;
  }

  close(): void {
    this.#end.close();
  }
}

/** Announces a segment of a log to its reader and to the host, or the end of its use. */
export interface SegmentEvent {
  /** Index of the reader's log. */
  readonly log: number;
  readonly id: number;
  /** Missing if the segment is no longer used. */
  readonly memory?: SharedArrayBuffer;
}

export function takeEvents(event: SegmentEvent, reader: LogReader): void {
  if (event.memory === undefined) reader.forget(event.id);
  else reader.add(event.id, event.memory);
}
