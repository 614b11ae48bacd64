import type { AnyRinglineError } from "@ringline/core";
import type { Bell, LogReader, SendIntent } from "@ringline/remote";
import type { ThreadWorker } from "./thread-worker.js";

/** A thread as the host keeps it. */
export interface HostedThread {
  readonly index: number;
  /** By which its references to buffers are counted. */
  readonly placeNumber: number;
  readonly bell: Bell;
  readonly worker: ThreadWorker;
  /** Copies of the reading ends of the logs to it, by writer: for the day on which it is lost. */
  readonly inbound: Map<number, LogReader>;
  /** The logs from it to other threads, by reader; also to those that have ended. */
  readonly outbound: Map<number, LogReader>;
  /** The intent of its next send. */
  readonly sendIntent: SendIntent;
  readonly isDedicated: boolean;
  /** Kernels whose ports are at home there, or will be once it is ready, by port. */
  readonly kernels: Map<number, string>;
  /** Ports that it knows, to send to them past the host. */
  readonly targets: Set<number>;
  /** Resolves when it is ready for kernels. Rejects with `THREAD_LOST` when it ends before. */
  readonly ready: Promise<void>;
  isReady: boolean;
  /** Settles `ready`: without an error, the thread is ready. */
  settle(error?: AnyRinglineError): void;
}
