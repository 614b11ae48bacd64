import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { ErrorCode } from "../errors/table.js";
import type { AnyRef } from "../kernels/address.js";
import type { Header } from "../messages/header.js";
import type { WaitOptions } from "../time/wait-options.js";

/** A message that could not be processed, and why. */
export interface DeadLetter {
  readonly message: Header;
  readonly reason: ErrorCode;
  readonly error: AnyRinglineError;
  readonly kernelId: string;
  readonly stage: string | null;
  /** Number of attempts; 0 if the message was never processed. */
  readonly attempts: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface WhichLetters {
  readonly kernelId?: string | undefined;
  readonly reason?: ErrorCode | undefined;
}

/**
 * The dead letters of a runtime. Bounded, by `deadLetterLimit` and by 256 MiB of buffers: the oldest fall off. `for await` takes letters as they come, until dispose;
 * of several such loops each letter goes to one.
 */
export interface DeadLetters extends AsyncIterable<DeadLetter> {
  readonly size: number;
  /** Number of dead letters that were evicted because the store was full. */
  readonly evicted: number;
  /** Looks at letters, oldest first, and leaves them. */
  peek(which?: WhichLetters): readonly DeadLetter[];
  /** Takes letters out, oldest first. */
  take(which?: WhichLetters): DeadLetter[];
  /**
   * Sends them again, in order, to where they failed or to another kernel; those that are accepted leave the store. Their
   * expiry is lifted, their attempts count from 0. Resolves to how many were accepted; stops at the first that is not,
   * which stays, and rejects with the reason if it was the first. A letter whose replay is under way is passed over.
   * A letter of a flow goes back in at the node that left it; where that is a join or the output, at the flow's entry if it
   * takes such messages. Letters that cannot go back without `to`, late replies too, are no inputs of what left them: they
   * are refused with `INVALID_ARGUMENT`, before any other is sent.
   */
  replay(letters: readonly DeadLetter[], options?: WaitOptions & { readonly to?: string | AnyRef }): Promise<number>;
}
