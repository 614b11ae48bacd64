import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Clock } from "../time/clock.js";
import type { Incarnation, Start, UnitSpec } from "./incarnation.js";
import type { Port, PortSpec } from "./port.js";
import type { Shortcut } from "./routes.js";

/** Name and capabilities of a backend; read by users and by the conformance suite. */
export interface Manifest {
  readonly name: string;
  /** Transport of messages: receivers get the sender's object itself, or a copy of it. */
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
   * Makes a dead letter of an answer that reached its requester too late, or could not be read there, if the responder
   * cannot do so itself.
   */
  readonly lateReply: (answer: AnyMessage, asked: string, requester: string, unreadable?: AnyRinglineError) => void;
  /** Reports that a device was opened or lost. */
  readonly device?: (event: DeviceChange) => void;
  /** Reports a change of the connection to other places. */
  readonly connection?: (event: ConnectionChange) => void;
}

/** A change of a connection. */
export interface ConnectionChange {
  readonly change: "lost" | "refused" | "restored";
  /** The address of its other end. */
  readonly to: string;
  /** Reason of the other end for its refusal, if it gave one; the backend tries again. */
  readonly reason?: string | null;
}

/** A change of a device. */
export interface DeviceChange {
  readonly change: "opened" | "lost";
  /** The name of its adapter. */
  readonly adapter: string;
  /** Reason of the loss; null when the device was opened. */
  readonly reason: string | null;
  /** Milliseconds since the previous device was lost; null for the first device, and for a loss. */
  readonly downtime: number | null;
}

/** A kind of place where kernels run. A plain value: nothing happens until a runtime starts it. */
export interface Backend {
  readonly manifest: Manifest;
  /** Shortcut of its kernels' outputs past the host. Left out: each output goes through `Routes.output`. */
  readonly shortcut?: Shortcut;
  /** Starts a place for one runtime. Rejects with `BACKEND_UNAVAILABLE`, which says what is missing. */
  start(core: CoreServices): Promise<Place>;
}

/** A started backend. */
export interface Place {
  /**
   * Opens a port. `signal` aborts when the port is no longer awaited: the place then undoes what it has begun, and
   * rejects.
   */
  openPort(spec: PortSpec, signal: AbortSignal): Promise<Port>;
  /** Closes a port whose kernel has ended, or failed to launch. Its counts can still be read. */
  closePort?(port: Port): void;
  /** Starts an incarnation. A rejection counts as a failure of the kernel, which its supervision handles. */
  spawn(unit: UnitSpec, start: Start): Promise<Incarnation>;
  /**
   * Milliseconds that the platform may take to end what does not end by itself: the runtime waits for so much longer
   * when it is disposed. Default 0.
   */
  readonly endsWithin?: number | undefined;
  /** Keeper of durable flows, if the manifest says `durable`. */
  readonly keeper?: Omit<Keeper, "close"> | undefined;
  /**
   * Releases everything that could keep the process alive, and settles pending calls to its ports. All incarnations
   * have ended before, or were abandoned.
   */
  dispose(): Promise<void>;
}

/** Services of core for every keeper. */
export interface KeeperServices {
  readonly clock: Clock;
}

/** Storage for durable flows, outside their program. A plain value: nothing happens until a flow needs it. */
export interface Keep {
  /** Name shown in errors, such as "sqlite". */
  readonly name: string;
  /** Opens a keeper for one runtime. Rejects with `BACKEND_UNAVAILABLE`, which says what is wrong. */
  open(core: KeeperServices): Promise<Keeper>;
}

/** An opened keeper: logs by name. A keeper only appends, trims and fences; core does the rest. */
export interface Keeper {
  /**
   * Takes over the log of this name, which is created if there is none: its previous owner appends nothing more, and is
   * notified. Rejects with `BACKEND_UNAVAILABLE`.
   */
  open(name: string, events: LogEvents): Promise<KeptLog>;
  /**
   * Copies a value into an immutable form that records may hold: the fields of a message, a state. Throws
   * `SERIALIZATION` with the path of what cannot be stored.
   */
  pack(value: unknown): unknown;
  /** Restores a packed value, in any later program. */
  unpack(packed: unknown): unknown;
  /** Closes the keeper, which then keeps the process alive no longer. All logs are closed before. */
  close(): Promise<void>;
}

/** A record of a log: a list of texts, numbers, lists, undefined, null, and results of `pack`. */
export type KeptRecord = readonly unknown[];

/** Records that were appended together: a keeper stores all of them or none, and none without all earlier pieces. */
export interface Piece {
  /** Position of the piece in its log; a later piece has a greater one. */
  readonly sequence: number;
  /** Bytes that the piece takes in storage. */
  readonly bytes: number;
}

/** An opened log. */
export interface KeptLog {
  /** Records that were appended before and not trimmed, the oldest first. Read once. */
  readonly found: readonly (Piece & { readonly records: readonly KeptRecord[] })[];
  /** Maximum number of appends under way, at least 1: records written meanwhile go into the next piece. */
  readonly ahead: number;
  /** Milliseconds that records which nobody awaits may wait for others. */
  readonly linger: number;
  /**
   * Appends a piece after all others. Resolves when it is stored, in the order of the calls. An append that fails for
   * the time being is retried without end; it stays pending when the log is lost or closed.
   */
  append(records: readonly KeptRecord[]): Promise<Piece>;
  /** Releases the pieces up to this sequence: sooner or later they take no storage. */
  trim(sequence: number): void;
  /** Closes the log: nothing more is appended. */
  close(): Promise<void>;
}

/** Events of a log, for its owner. */
export interface LogEvents {
  /**
   * Reports that nothing can be stored for the time being, with cause and remedy; once until a piece is stored again.
   */
  writeFailed(error: AnyRinglineError): void;
  /**
   * Reports that another program requests the log. Resolves when it may take over: all is appended, and nothing
   * follows.
   */
  wanted(): Promise<void>;
  /** Reports that another program owns the log. Records that were not stored by then are never stored. */
  lost(cause: Error): void;
  /** Reports that the log lost its records and is empty: records that are still needed are appended again. */
  emptied(): void;
}
