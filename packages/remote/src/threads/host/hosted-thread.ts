import type { AnyRinglineError } from "@ringline/core";
import type { Bell } from "../../ring/bell.js";
import type { LogReader } from "../../ring/log-reader.js";
import type { SendIntent } from "../../ring/send-intent.js";
import type { ThreadWorker } from "../platform.js";

/** The host's record of a thread. */
export interface HostedThread {
  readonly index: number;
  /** Number under which the thread's references to buffers are counted. */
  readonly placeNumber: number;
  readonly bell: Bell;
  readonly worker: ThreadWorker;
  /** Second readers of the logs to the thread, by writer: used when the thread is lost. */
  readonly inbound: Map<number, LogReader>;
  /** Readers of the logs from the thread, by reading thread; also to ended ones. */
  readonly outbound: Map<number, LogReader>;
  /** The intent of the thread's next send. */
  readonly sendIntent: SendIntent;
  readonly isDedicated: boolean;
  /** Kernels by port, for ports whose home is the thread, or will be once it is ready. */
  readonly kernels: Map<number, string>;
  /** Ports that the thread may send to directly. */
  readonly targets: Set<number>;
  /** Resolves when the thread is ready for kernels. Rejects with `THREAD_LOST` if it ends before. */
  readonly ready: Promise<void>;
  isReady: boolean;
  /** Settles `ready`: without an error, the thread is ready. */
  settle(error?: AnyRinglineError): void;
}
