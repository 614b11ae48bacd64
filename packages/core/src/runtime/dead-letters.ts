import type { AnyRinglineError, ErrorJson } from "../errors/ringline-error.js";
import type { ErrorCode } from "../errors/table.js";
import type { AnyRef } from "../kernels/address.js";
import type { Header } from "../messages/header.js";
import type { WaitOptions } from "../time/wait-options.js";

/** A message that could not be processed, with the reason. */
export interface DeadLetter {
  /** The message as it was delivered. */
  readonly message: Header;
  /** Code of the error, such as "KERNEL_FAILED". */
  readonly reason: ErrorCode;
  /** The error with its cause. */
  readonly error: AnyRinglineError;
  /** Id of the kernel or flow where it failed. */
  readonly kernelId: string;
  /** Name of the stage or node where it failed; null outside topologies. */
  readonly stage: string | null;
  /** Number of attempts; 0 if the message was never processed. */
  readonly attempts: number;
  /** Time of the failure, in epoch milliseconds. */
  readonly at: number;
}

/**
 * A dead letter as `JSON.stringify` writes it. `replay([{ ...letter, message }])` sends a message that was read from JSON.
 * Body fields are what JSON makes of them: a field that holds a bigint cannot be written, and typed arrays become objects.
 */
export interface DeadLetterJson extends Omit<DeadLetter, "message" | "error"> {
  /** Header and body fields in one object. */
  readonly message: Pick<Header, "type" | "messageId" | "priority" | "correlationId"> & {
    readonly [field: string]: unknown;
  };
  readonly error: ErrorJson;
}

/** Selection of dead letters; each field left out selects all. */
export interface DeadLetterFilter {
  readonly kernelId?: string | undefined;
  readonly reason?: ErrorCode | undefined;
}

/**
 * The dead letters of a runtime. Bounded by `deadLetterLimit` and by 256 MiB of buffers: the oldest are evicted. `for
 * await` takes dead letters as they arrive, until dispose; of several such loops each dead letter goes to one. With
 * `keepDeadLetters` they outlive the program.
 */
export interface DeadLetters extends AsyncIterable<DeadLetter> {
  readonly size: number;
  /** Number of dead letters that were evicted because the store was full. */
  readonly evicted: number;
  /** Returns dead letters, oldest first, and keeps them in the store. */
  peek(which?: DeadLetterFilter): readonly DeadLetter[];
  /** Removes and returns dead letters, oldest first. */
  take(which?: DeadLetterFilter): DeadLetter[];
  /** Removes these dead letters and releases their messages. Returns the number that were in the store. */
  discard(deadLetters: readonly DeadLetter[]): number;
  /**
   * Sends dead letters again, in order, to where they failed or to another kernel; accepted ones leave the store. Their
   * deadlines are lifted, their attempts count from 0. Resolves to the number of accepted ones; stops at the first that
   * is rejected, which stays, and rejects with the reason if it was the first. A dead letter whose replay is under way
   * is skipped. A dead letter of a flow re-enters at the node where it failed; if that is a join or the output, at the
   * flow's entry, if the entry accepts such messages. Dead letters that cannot be replayed without `to`, also late
   * replies, are rejected with `INVALID_ARGUMENT` before any other is sent. A copy of a dead letter with another message,
   * `{ ...letter, message: { type, … } }`, sends that one, and leaves the original in the store.
   *
   * @example
   * await runtime.deadLetters.replay(runtime.deadLetters.peek({ kernelId: "square" }));
   */
  replay(
    deadLetters: readonly DeadLetter[],
    options?: WaitOptions & { readonly to?: string | AnyRef },
  ): Promise<number>;
  /**
   * Resolves when the keeper has stored all dead letters so far, and forgotten those that have left. The first call or
   * launch reads those of earlier programs. Resolves at once without `keepDeadLetters`. Rejects with
   * `BACKEND_UNAVAILABLE`, `UNSUPPORTED`, and with `FLOW_TAKEN` once another program keeps dead letters by this name.
   */
  kept(options?: WaitOptions): Promise<void>;
}
