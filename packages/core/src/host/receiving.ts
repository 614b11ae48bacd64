import { errors, isRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import { highestPriority } from "../messages/current-message.js";
import { Waiting } from "../ports/wait-list.js";
import { type BatchOptions, checkBatch, checkWait, limited, type WaitOptions } from "../time/wait-options.js";
import type { KernelHost } from "./kernel-host.js";

/** The receive operations of a `run` body: one message, a batch, and the loops over both. */
export class Receiving implements AsyncIterator<AnyMessage> {
  readonly #host: KernelHost;

  constructor(host: KernelHost) {
    this.#host = host;
  }

  one(wait?: WaitOptions): Promise<AnyMessage> {
    const ready = wait === undefined ? this.#ready() : undefined;
    return ready === undefined ? this.#receive(wait) : Promise.resolve(ready);
  }

  tryOne(): AnyMessage | undefined {
    const host = this.#host;
    this.#checkBody("tryReceive");
    const committed = host.sending.outbox?.commit();
    committed?.catch(() => {}); // the next receive reports it
    if (host.isOver || committed !== undefined) return undefined;
    host.settleReceived();
    return host.receivers.tryReceive();
  }

  async batch(options: BatchOptions & WaitOptions): Promise<AnyMessage[]> {
    checkBatch(options);
    checkWait(options, "receiveBatch", this.#host.id);
    const { timeout, signal } = options;
    const batch = [await this.#receive({ timeout, signal })];
    await this.#fill(batch, options);
    this.#host.highest = highestPriority(batch);
    return batch;
  }

  /**
   * One step of `for await` over the context. No `return`: a loop that is left by an error keeps its message in flight,
   * where supervision must find it.
   */
  next(): Promise<IteratorResult<AnyMessage>> {
    const value = this.#ready();
    return value === undefined ? this.#nextLater() : Promise.resolve({ done: false, value });
  }

  #nextLater(): Promise<IteratorResult<AnyMessage>> {
    const host = this.#host;
    // something must be checked or committed before the wait
    if (host.isOver || host.kernel.run === undefined || host.sending.outbox?.isEmpty === false) {
      return loopStep(host, this.#receive(undefined));
    }
    return new Promise((resolve, reject) => host.receivers.await(new LoopStep(host, resolve, reject)));
  }

  batches(options: BatchOptions): AsyncIterator<AnyMessage[]> {
    checkBatch(options);
    return { next: () => loopStep(this.#host, this.batch(options)) };
  }

  /** Returns a message that is ready, without a wait or a promise. */
  #ready(): AnyMessage | undefined {
    const host = this.#host;
    if (host.isOver || host.kernel.run === undefined || host.sending.outbox?.isEmpty === false) return undefined;
    host.settleReceived();
    return host.receivers.ready();
  }

  #receive(wait: WaitOptions | undefined): Promise<AnyMessage> {
    const host = this.#host;
    try {
      this.#checkBody("receive");
      if (host.isOver) throw host.ended("receive");
      if (wait !== undefined) checkWait(wait, "receive", host.id);
      const committed = host.sending.outbox?.commit();
      if (committed !== undefined) return this.#receiveAfter(committed, wait);
    } catch (error) {
      return Promise.reject(error);
    }
    host.settleReceived();
    return host.receivers.receive(wait);
  }

  /** Receives after a commit, whose time counts towards the time-out. */
  async #receiveAfter(committed: Promise<void>, wait: WaitOptions | undefined): Promise<AnyMessage> {
    const { clock, id } = this.#host;
    const since = clock.now();
    await limited(committed, this.#host.sending.whileRunning(wait), clock, "receive", id);
    if (wait?.timeout === undefined) return this.#receive(wait);
    return this.#receive({ ...wait, timeout: Math.max(0, wait.timeout - (clock.now() - since)) });
  }

  /** Throws `INVALID_ARGUMENT` in a `handle` body, which is called with its messages. */
  #checkBody(operation: string): void {
    if (this.#host.kernel.run !== undefined) return;
    throw new errors.INVALID_ARGUMENT(
      { argument: operation, value: "in a handle body" },
      {
        kernelId: this.#host.id,
        remedy: "A `handle` body is called once per message; write a `run` body to receive.",
      },
    );
  }

  /** Adds ready messages, then those that arrive within `linger`. */
  async #fill(batch: AnyMessage[], { max, linger = 0, signal }: BatchOptions & WaitOptions): Promise<void> {
    const { receivers, clock } = this.#host;
    const until = clock.now() + linger;
    for (;;) {
      for (let more: AnyMessage | undefined; batch.length < max; batch.push(more)) {
        more = receivers.tryReceive();
        if (more === undefined) break;
      }
      const left = until - clock.now();
      if (batch.length >= max || left <= 0) return;
      try {
        batch.push(await receivers.receive({ timeout: left, signal }));
      } catch (error) {
        if (isRinglineError(error, "TIMEOUT", "ABORTED", "TERMINATED")) return; // the batch ends here
        throw error;
      }
    }
  }
}

const END: IteratorResult<never> = { done: true, value: undefined };

/** A loop that waits for its next message. */
class LoopStep extends Waiting<undefined, AnyMessage> {
  readonly #host: KernelHost;
  readonly #resolve: (step: IteratorResult<AnyMessage>) => void;
  readonly #reject: (error: unknown) => void;

  constructor(host: KernelHost, resolve: (step: IteratorResult<AnyMessage>) => void, reject: (error: unknown) => void) {
    super(undefined);
    this.#host = host;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  resolve(value: AnyMessage): void {
    this.#resolve({ done: false, value });
  }
  reject(error: unknown): void {
    if (endsLoop(this.#host, error)) this.#resolve(END);
    else this.#reject(error);
  }
}

async function loopStep<Item>(host: KernelHost, received: Promise<Item>): Promise<IteratorResult<Item>> {
  try {
    return { done: false, value: await received };
  } catch (error) {
    if (endsLoop(host, error)) return END;
    throw error;
  }
}

/** True if the error ends a loop, as the kernel is told to end. */
function endsLoop(host: KernelHost, error: unknown): boolean {
  return host.isEnding && isRinglineError(error, "TERMINATED");
}
