/** Thrown when the user ended the run. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

export interface WithinOptions {
  /** Milliseconds. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/**
 * Starts `work` and waits for it, but no longer than `limit` and not beyond an interruption. A subject that lost a
 * message would otherwise never settle, and node would leave without a word. The timer costs nothing in the work.
 */
export async function within<T>(work: () => Promise<T>, { limit, signal }: WithinOptions): Promise<T> {
  if (signal?.aborted) throw new Interrupted();
  let giveUp!: (reason: Error) => void;
  const over = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const timer = setTimeout(() => giveUp(new Error(`no end after ${limit / 1000} s`)), limit);
  const interrupt = () => giveUp(new Interrupted());
  signal?.addEventListener("abort", interrupt);
  try {
    return await Promise.race([work(), over]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", interrupt);
  }
}
