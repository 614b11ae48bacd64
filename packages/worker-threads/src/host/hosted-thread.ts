import type { Worker } from "node:worker_threads";
import type { Bell, LogReader, SendNote } from "@ringline/remote";
import type { HostedTask } from "./pool.js";

/** A thread as the host keeps it. */
export interface HostedThread {
  readonly index: number;
  /** By which its references to buffers are counted. */
  readonly holder: number;
  readonly bell: Bell;
  readonly task: HostedTask;
  /** Copies of the reading ends of the logs to it, by writer: for the day on which it is lost. */
  readonly inbound: Map<number, LogReader>;
  /** The logs from it to other threads, by reader; also to those that have ended. */
  readonly outbound: Map<number, LogReader>;
  /** What it is about to send. */
  readonly note: SendNote;
  readonly isDedicated: boolean;
  /** Kernels whose ports are at home there, by port. */
  readonly kernels: Map<number, string>;
  /** Ports that it knows, to send to them past the host. */
  readonly targets: Set<number>;
  worker: Worker | undefined;
  /** Resolves when it is ready for kernels. Rejects with the cause when it ends before. */
  ready: Promise<void>;
  /** Why it is to end. */
  cause: Error | undefined;
  isGone: boolean;
}
