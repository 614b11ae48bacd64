import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Clock } from "../time/clock.js";
import type { Incarnation, Start, UnitSpec } from "./incarnation.js";
import type { Port, PortSpec } from "./port.js";
import type { Shortcut } from "./shortcuts.js";

/** Name and capabilities of a backend; read by users and by the conformance suite. */
export interface Manifest {
  readonly name: string;
  /** Whether receivers see the sender's very object, or a copy of it. */
  readonly transport: "reference" | "copy";
  /**
   * Capabilities that kernels may list in `needs`, and that the suite tests: absent, false or 0 means that the
   * backend lacks them.
   */
  readonly capabilities: Readonly<Record<string, boolean | number>>;
}

/** Services of core for every backend. */
export interface CoreServices {
  readonly clock: Clock;
  /**
   * Makes a dead letter of an answer that reached its asker too late, or could not be read there, where the kernel that was
   * asked cannot tell.
   */
  readonly lateReply: (answer: AnyMessage, asked: string, requester: string, unreadable?: AnyRinglineError) => void;
  /** Tells whoever listens that a device was opened, or lost. */
  readonly device?: (event: DeviceChange) => void;
  /** Tells whoever listens that the connection to other places was lost, or is there again. */
  readonly connection?: (event: ConnectionChange) => void;
}

/** Something that became of a connection. */
export interface ConnectionChange {
  readonly change: "lost" | "refused" | "restored";
  /** The address of its other end. */
  readonly to: string;
  /** Reason of the other end for its refusal, if it gave one; the backend tries again. */
  readonly reason?: string | null;
}

/** Something that became of a device. */
export interface DeviceChange {
  readonly change: "opened" | "lost";
  /** The name of its adapter. */
  readonly adapter: string;
  /** Reason of the loss; null when the device was opened. */
  readonly reason: string | null;
  /** Milliseconds since the one before it was lost; null when it is the first, and when one is lost. */
  readonly downtime: number | null;
}

/** A kind of place where kernels run. A plain value: nothing happens until a runtime starts it. */
export interface Backend {
  readonly manifest: Manifest;
  /** The way of its kernels' outputs past the host. Left out: each goes by `Routes.output`. */
  readonly shortcut?: Shortcut;
  /** A place of this kind, for one runtime. Rejects with `BACKEND_UNAVAILABLE`, and says what is missing. */
  start(core: CoreServices): Promise<Place>;
}

/** A started backend. */
export interface Place {
  /** `signal` aborts when nobody waits for the port any more: the place then undoes what it has begun, and rejects. */
  openPort(spec: PortSpec, signal: AbortSignal): Promise<Port>;
  /** Forgets a port whose kernel has ended, or was not launched after all. What it has counted can still be read. */
  closePort?(port: Port): void;
  /** Rejects where the incarnation cannot begin: that counts as a failure of the kernel, which its supervision minds. */
  spawn(unit: UnitSpec, start: Start): Promise<Incarnation>;
  /** Keeps durable flows, where the manifest says `durable`. */
  readonly keeper?: Omit<Keeper, "close"> | undefined;
  /**
   * Ends everything that could keep the process alive, and settles what is still asked of its ports. All incarnations have
   * ended before, or were abandoned.
   */
  dispose(): Promise<void>;
}

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
  writeFailed(error: AnyRinglineError): void;
  /** Another program asks for the log. Resolves when it may have it: all is appended, and nothing follows. */
  wanted(): Promise<void>;
  /** Another program has the log. Nothing that was not kept by then is kept later. */
  lost(cause: Error): void;
  /** Reports that the log lost its records and is empty: records that are still needed are appended again. */
  emptied(): void;
}
