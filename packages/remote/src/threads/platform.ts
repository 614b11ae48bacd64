import type { Platform } from "../endpoint/endpoint.js";
import type { ThreadSetup } from "./setup.js";

/** A thread of the platform, as its host sees it from its creation on. */
export interface ThreadWorker {
  /** Name of the thread, which `inspect` gives as the place of its kernels. */
  readonly place: string;
  /** Resolves with the reason, as text, when the thread has ended for any cause: nothing more is written by it. Never rejects. */
  readonly ended: Promise<string>;
  /** True once the thread is being terminated. */
  readonly isEnding: boolean;
  /** Terminates the thread as soon as the platform can, whatever it does. */
  end(reason: string): void;
  /** Origin of an uncaught exception, as the thread reported it: "uncaughtException" or "unhandledRejection". */
  origin?: string | undefined;
}

/** Services of a platform for the thread that creates the runtime. */
export interface HostPlatform extends Platform {
  /** Name of the backend. */
  readonly backend: string;
  /** Milliseconds that the platform may take to end a thread that computes without a pause. Default 0. */
  readonly endsWithin?: number;
  /** Number of threads that can run at the same time. */
  readonly cores: number;
  /** Both ends of a new channel, to be opened here or sent to threads. */
  channel(): readonly [object, object];
  /** Starts a thread with its set-up, whose end of a channel is transferred. Throws what the platform throws. */
  start(setup: ThreadSetup): ThreadWorker;
}

/** Services of a platform for a thread that runs kernels. */
export interface WorkerPlatform extends Platform {
  /** Measures, where the platform can, the share of time in which the event loop is busy: since the last call of the result. */
  readonly measureLoad?: () => () => number;
  /** Has uncaught exceptions reported, with their origin, before they end the thread. */
  onUncaught(report: (origin: string) => void): void;
  /** The exports among which kernels are found; undefined: those of the modules that the kernels name. */
  readonly exports?: readonly unknown[] | undefined;
  /** Ends the thread. */
  halt(): void;
}
