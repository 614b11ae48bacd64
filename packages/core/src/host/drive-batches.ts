import type { AnyMessage } from "../messages/any-message.js";
import { setProcessor } from "../messages/current-message.js";
import type { BatchExecutor, BatchOutcome } from "../seam/incarnation.js";
import { turn, WORK } from "../time/turn.js";
import { type Attempts, ErrorPolicy } from "./error-policy.js";
import type { KernelHost } from "./kernel-host.js";
import { emitAll } from "./publish.js";

/** Drives a batch executor: several batches run at a time, and their messages settle in order. */
export function driveBatches(host: KernelHost, executor: BatchExecutor): void {
  void new BatchDriver(host, executor).run();
}

/** Number of batches that do not linger after a linger that brought no message. */
const LINGER_AGAIN = 16;

class BatchDriver implements Attempts {
  readonly #host: KernelHost;
  readonly #executor: BatchExecutor;
  readonly #policy: ErrorPolicy;
  /** Resolves when all earlier batches are settled. */
  #settling: Promise<void> = Promise.resolve();
  #underWay = 0;
  /** Number of next batches that do not linger, as lingering brought no message. */
  #hasty = 0;
  #wake: (() => void) | undefined;

  constructor(host: KernelHost, executor: BatchExecutor) {
    this.#host = host;
    this.#executor = executor;
    this.#policy = new ErrorPolicy(host, this);
  }

  async run(): Promise<void> {
    const host = this.#host;
    host.onEnding = () => this.#wake?.();
    void host.exited.then(() => {
      this.#wake?.();
      this.#executor.dispose();
    });
    while (!host.isOver && !host.isEnding) {
      const batch: AnyMessage[] = [];
      this.#fill(batch);
      if (batch.length === 0) await this.#readable(undefined);
      else await this.#send(batch);
      if (turn.spend(WORK)) await turn.next();
    }
    await this.#settling;
    host.end({ kind: "stopped" });
  }

  async #send(batch: AnyMessage[]): Promise<void> {
    const { linger, depth } = this.#executor;
    if (linger > 0 && !this.#executor.isFull(batch)) await this.#linger(batch, linger);
    while (this.#underWay >= depth && !this.#host.isOver) {
      await this.#woken();
      this.#fill(batch);
    }
    if (this.#host.isOver) return;
    this.#underWay++;
    const outcome = this.#executor.run(batch);
    outcome.catch(() => {}); // handled in #settleAfter
    this.#settling = this.#settleAfter(this.#settling, batch, outcome);
  }

  #fill(batch: AnyMessage[]): void {
    const { inlet } = this.#host;
    while (!this.#host.isEnding && !this.#executor.isFull(batch)) {
      const message = inlet.tryTake();
      if (message === undefined) return;
      this.#host.begin(message);
      batch.push(message);
    }
    this.#host.currentMessage = undefined;
  }

  /** Waits for more messages, unless lingering brought none lately. */
  async #linger(batch: AnyMessage[], linger: number): Promise<void> {
    if (this.#hasty > 0) {
      this.#hasty--;
      return;
    }
    const { clock } = this.#host;
    const [first, until] = [batch.length, clock.now() + linger];
    while (!this.#host.isEnding && !this.#executor.isFull(batch)) {
      const left = until - clock.now();
      if (left <= 0) break;
      await this.#readable(left);
      this.#fill(batch);
    }
    if (batch.length === first) this.#hasty = LINGER_AGAIN;
  }

  /** Resolves when a message is readable, after `limit` milliseconds, or when the kernel is told to end. */
  #readable(limit: number | undefined): Promise<void> {
    const woken = this.#woken(limit);
    this.#host.inlet.whenReadable(() => this.#wake?.());
    return woken;
  }

  #woken(limit?: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = limit === undefined ? undefined : this.#host.clock.after(limit, () => this.#wake?.());
      this.#wake = () => {
        this.#wake = undefined;
        cancel?.();
        resolve();
      };
    });
  }

  async #settleAfter(
    before: Promise<void>,
    batch: readonly AnyMessage[],
    running: Promise<BatchOutcome>,
  ): Promise<void> {
    let outcome: BatchOutcome | undefined;
    let failure: unknown;
    try {
      outcome = await running;
    } catch (thrown) {
      failure = thrown;
    }
    await before;
    try {
      if (outcome !== undefined) await this.#settle(batch, outcome);
      else for (const message of batch) await this.#failed(failure, message, 1);
    } finally {
      outcome?.release();
      this.#underWay--;
      this.#wake?.();
    }
  }

  async #settle(batch: readonly AnyMessage[], outcome: BatchOutcome): Promise<void> {
    const host = this.#host;
    if (outcome.checkpoint !== undefined && !host.isOver) await host.reports.checkpoint(outcome.checkpoint, batch);
    for (let i = 0; i < batch.length && !host.isOver; i++) {
      const later = this.#one(batch[i] as AnyMessage, outcome, i, 1);
      if (later !== undefined) await later;
      else if (turn.spend()) await turn.next();
    }
    host.currentMessage = undefined;
    if (outcome.checkpoint !== undefined && !host.isOver) host.reports.checkpointSettled?.();
  }

  /** Settles one message of a batch. Returns undefined if it is settled at once. */
  #one(message: AnyMessage, outcome: BatchOutcome, index: number, attempt: number): Promise<void> | undefined {
    const host = this.#host;
    host.currentMessage = message;
    host.attempt = attempt;
    try {
      setProcessor(host);
      const output = outcome.output(index);
      setProcessor(undefined);
      const later = output === undefined ? undefined : emitAll(host, output);
      if (later !== undefined) return this.#finishLater(later, message, attempt);
      host.finish(message);
      return undefined;
    } catch (thrown) {
      setProcessor(undefined);
      return this.#failed(thrown, message, attempt);
    }
  }

  async #finishLater(later: Promise<void>, message: AnyMessage, attempt: number): Promise<void> {
    try {
      await later;
    } catch (thrown) {
      return this.#failed(thrown, message, attempt);
    }
    this.#host.finish(message);
  }

  #failed(thrown: unknown, message: AnyMessage, attempt: number): Promise<void> | undefined {
    this.#host.currentMessage = message;
    return this.#policy.failed(thrown, message, attempt);
  }

  /** Processes a message once more, in a batch of its own. */
  async attempt(message: AnyMessage, attempt: number): Promise<void> {
    let outcome: BatchOutcome | undefined;
    try {
      outcome = await this.#executor.run([message]);
      if (!this.#host.isOver) await this.#one(message, outcome, 0, attempt);
    } catch (thrown) {
      await this.#failed(thrown, message, attempt);
    } finally {
      outcome?.release();
    }
  }

  /** Ends without the error of the message: others of its batch may be in flight as well, for other reasons. */
  stop(): void {
    this.#host.end({ kind: "stopped" });
  }
}
