import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Clock } from "../time/clock.js";

/** Services of core for every keeper. */
export interface KeeperServices {
  readonly clock: Clock;
}

/** Storage for durable flows, outside their program. A plain value: nothing happens until a flow needs it. */
export interface Keep {
  /** Shown in errors, such as "sqlite". */
  readonly name: string;
  /** A keeper of this kind, for one runtime. Rejects with `BACKEND_UNAVAILABLE`, and says what is wrong. */
  open(core: KeeperServices): Promise<Keeper>;
}

/** An opened keeper: logs by name. Core does the rest, so that a keeper only has to append, to trim, and to fence. */
export interface Keeper {
  /**
   * Takes over the log of this name, made where there is none: from here on whoever had it appends nothing more, and is told.
   * Rejects with `BACKEND_UNAVAILABLE`.
   */
  open(name: string, events: LogEvents): Promise<KeptLog>;
  /**
   * A copy of a value that nobody can change, as records may hold it: the fields of a message, a state. Throws `SERIALIZATION`
   * with the path of what cannot be kept.
   */
  pack(value: unknown): unknown;
  /** The value again, in any later program. */
  unpack(packed: unknown): unknown;
  /** Nothing keeps the process alive then. All logs are closed before. */
  close(): Promise<void>;
}

/** A record of a log: a list of texts, numbers, lists, undefined, null, and results of `pack`. */
export type KeptRecord = readonly unknown[];

/** Records that were appended together: a keeper has all of them or none, and none without all that came before them. */
export interface Piece {
  /** The place of the piece in its log; a later piece has a greater one. */
  readonly sequence: number;
  /** Bytes that the keeper needs for it. */
  readonly bytes: number;
}

/** An opened log. */
export interface KeptLog {
  /** Records that were appended before and not trimmed, the oldest first. Read once. */
  readonly found: readonly (Piece & { readonly records: readonly KeptRecord[] })[];
  /** Pieces that may be under way at a time, at least 1: what is written meanwhile goes into the next one. */
  readonly ahead: number;
  /** Milliseconds that records for which nobody waits may wait for others. */
  readonly linger: number;
  /**
   * Appends a piece behind all others. Resolves when it is kept, in the order of the calls. What cannot be kept for the time being is
   * tried again without end; it stays pending when the log is lost or closed.
   */
  append(records: readonly KeptRecord[]): Promise<Piece>;
  /** Pieces up to this place are not needed any more: sooner or later they take no room. */
  trim(sequence: number): void;
  /** Lets the log go: nothing more is appended. */
  close(): Promise<void>;
}

/** Events of a log, for its owner. */
export interface LogEvents {
  /** Nothing can be kept for the time being, with why and what to do; told once until a piece is kept again. */
  troubled(error: AnyRinglineError): void;
  /** Another program asks for the log. Resolves when it may have it: all is appended, and nothing follows. */
  wanted(): Promise<void>;
  /** Another program has the log. Nothing that was not kept by then is kept later. */
  lost(cause: Error): void;
  /** Reports that the log lost its records and is empty: records that are still needed are appended again. */
  emptied(): void;
}
