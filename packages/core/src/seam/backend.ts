import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import type { Clock } from "../time/clock.js";
import type { Incarnation, Start, UnitSpec } from "./incarnation.js";
import type { Keeper } from "./keeper.js";
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
  readonly lateReply: (answer: AnyMessage, asked: string, asker: string, unreadable?: AnyRinglineError) => void;
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
  /** How outputs of its kernels get on without the host. Left out: each goes by `Routes.output`. */
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
