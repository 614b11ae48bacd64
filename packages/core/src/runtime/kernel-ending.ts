import type { Clock } from "../time/clock.js";
import { limitWait } from "../time/limit-wait.js";
import { onAbort } from "../time/on-abort.js";
import type { TerminateOptions } from "./channel.js";

/** Milliseconds that a kernel gets to end by itself, unless said otherwise. */
export const TERMINATE_TIMEOUT = 5000;

/** The one end that a kernel has: whoever else asks for it waits for the same one, and may cut its grace period short. */
export class KernelEnding {
  readonly #kernelId: string;
  readonly #clock: Clock;
  /** Aborted when the kernel has had the time to end by itself. */
  readonly #grace = new AbortController();
  #ended: Promise<void> | undefined;

  constructor(kernelId: string, clock: Clock) {
    this.#kernelId = kernelId;
    this.#clock = clock;
  }

  /** Undefined until the end begins; resolves with the end. */
  get ended(): Promise<void> | undefined {
    return this.#ended;
  }

  /** Runs the end, unless one runs already; whoever is called by it, and asks for the end as well, waits for the same one. */
  begin(end: (grace: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#ended !== undefined) return this.#ended;
    let settle!: (end: Promise<void>) => void;
    this.#ended = new Promise((resolve) => {
      settle = resolve;
    });
    settle(end(this.#grace.signal));
    return this.#ended;
  }

  /** The same within a grace period; its options are checked. */
  async beginWithin({ timeout, signal }: TerminateOptions, end: (grace: AbortSignal) => Promise<void>): Promise<void> {
    const cutShort = () => this.#grace.abort();
    const limits = { timeout: timeout ?? TERMINATE_TIMEOUT, signal };
    const unlimit = limitWait(limits, this.#clock, "terminate", this.#kernelId, cutShort);
    if (signal?.aborted) cutShort();
    try {
      await this.begin(end);
    } finally {
      unlimit();
    }
  }
}

/** True when `end` settled first. */
export async function settlesBefore(end: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  let cancel = () => {};
  const over = new Promise<false>((resolve) => {
    cancel = onAbort(signal, () => resolve(false));
  });
  const settled = await Promise.race([end.then(() => true), over]);
  cancel();
  return settled;
}
