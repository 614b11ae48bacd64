import { errors } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import { onAbort } from "../time/on-abort.js";
import { turn } from "../time/turn.js";
import type { FlowCore } from "./flow-core.js";
import type { OutputQueue } from "./output-queue.js";
import { SourcePump } from "./source-pump.js";

type Result = IteratorResult<AnyMessage, void>;

/** The services of the flow that a process uses. */
export interface ProcessHost {
  readonly core: FlowCore;
  /** Claims the flow and returns the queue of the outputs. Throws `FLOW_BUSY`, `TERMINATED`. */
  begin(stream: ProcessStream): OutputQueue;
  /** Returns the message. Throws if the flow does not accept it. */
  check(message: unknown): AnyMessage;
  flush(): Promise<void>;
  /** Reports an error of the source that no reader can receive. */
  failed(thrown: unknown): void;
  /**
   * Dead-letters the messages for this output queue, except deliveries in flight. Returns undefined if that is done.
   */
  cancel(outputQueue: OutputQueue): Promise<void> | undefined;
  /** Closes an output queue: its unread messages become dead letters. */
  close(outputQueue: OutputQueue): void;
  end(stream: ProcessStream): void;
}

/** Milliseconds after which a process that nobody reads is reported. */
const UNREAD_FOR = 1000;
const END: Result = { done: true, value: undefined };

/** A pending `next()`. */
interface Reader {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * A source streamed through a flow: a handwritten async generator, which avoids the promises that `async function*`
 * adds to each output.
 */
export class ProcessStream implements AsyncGenerator<AnyMessage, void, void> {
  readonly #source: Iterable<unknown> | AsyncIterable<unknown>;
  readonly #signal: AbortSignal | undefined;
  readonly #flow: string;
  readonly #host: ProcessHost;
  readonly #readers: Reader[] = [];
  #outputs: OutputQueue | undefined;
  #pump: SourcePump | undefined;
  #stopListening: (() => void) | undefined;
  #isOver = false;
  /** True once no further output arrives; the output queue may still hold some. */
  #isSettled = false;
  /** The error of the process, for the next read only. */
  #failure: { readonly error: unknown } | undefined;
  /** Set when the process ends early; resolves when its dead letters are stored. */
  #cancelled: Promise<void> | undefined;
  /** Cancels the watch for a first `next()`. */
  #unwatch: (() => void) | undefined;
  /** Called with the error when the process fails; on a cancel, before `return()` of the source. */
  onFailure: ((error: unknown) => void) | undefined;

  constructor(
    source: Iterable<unknown> | AsyncIterable<unknown>,
    signal: AbortSignal | undefined,
    flow: string,
    host: ProcessHost,
  ) {
    this.#source = source;
    this.#signal = signal;
    this.#flow = flow;
    this.#host = host;
  }

  /** Reports the process as stalled if nothing has read it for a second: it starts with the first `next()`. */
  watch(): void {
    const { core } = this.#host;
    this.#unwatch = core.clock.after(UNREAD_FOR, () => core.stalled(`a loop over process() of "${this.#flow}"`));
  }

  /** Starts the process before the first `next()`. Throws `FLOW_BUSY`, `TERMINATED`, `ABORTED`. */
  begin(): void {
    if (this.#outputs === undefined && !this.#isOver) this.#start();
  }

  next(): Promise<Result> {
    const message = this.#readers.length === 0 ? this.#outputs?.tryTake() : undefined;
    if (message !== undefined) {
      const result: Result = { done: false, value: message };
      return turn.spend() ? turn.next().then(() => result) : Promise.resolve(result);
    }
    return this.#nextLater();
  }

  async return(): Promise<Result> {
    await this.#cancel(undefined);
    return END;
  }

  async throw(error: unknown): Promise<Result> {
    await this.#cancel(undefined);
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cancel(undefined);
  }

  /** Stops pulling inputs, as the flow ends. */
  stopPulling(): void {
    this.#pump?.stop().catch((thrown) => this.#host.failed(thrown));
  }

  /**
   * Fails the process after a stage has failed for good: outputs stay readable, inputs in flight become dead letters.
   */
  async stageFailed(error: unknown): Promise<void> {
    const outputQueue = this.#outputs;
    if (outputQueue === undefined || this.#isOver || this.#isSettled) return;
    this.#pump?.stop().catch(() => {}); // the failure of the stage is reported instead
    await this.#host.cancel(outputQueue);
    this.fail(error);
  }

  /** Fails the process; outputs in the queue stay readable. */
  fail(error: unknown): void {
    if (this.#isOver || this.#isSettled) return;
    this.#outputs?.finish();
    this.#failure = { error };
    this.#isSettled = true;
    this.onFailure?.(error);
    this.#host.end(this);
    this.#deliver();
  }

  #nextLater(): Promise<Result> {
    try {
      if (this.#isOver) return this.#cancelled?.then(() => this.#takeFailure()) ?? this.#takeFailure();
      if (this.#outputs === undefined) this.#start();
    } catch (error) {
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#deliver();
    });
  }

  #takeFailure(): Promise<Result> {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure === undefined ? Promise.resolve(END) : Promise.reject(failure.error);
  }

  #start(): void {
    this.#unwatch?.();
    const signal = this.#signal;
    if (signal?.aborted) throw this.#aborted(signal);
    const outputQueue = this.#host.begin(this);
    this.#outputs = outputQueue;
    try {
      this.#pump = new SourcePump(this.#source, outputQueue, this.#host, (failure) => this.#pulled(failure));
    } catch (error) {
      this.#finish();
      throw error;
    }
    this.#stopListening =
      signal && onAbort(signal, () => this.#cancel({ error: this.#aborted(signal) }).catch(() => {}));
    this.#pump.pull();
  }

  #aborted(signal: AbortSignal) {
    return new errors.ABORTED({ operation: "process" }, { cause: signal.reason, kernelId: this.#flow });
  }

  /** Handles the end or the failure of the source. */
  #pulled(failure: { readonly error: unknown } | undefined): void {
    if (this.#isOver || this.#isSettled) return;
    if (this.#host.core.failure !== undefined) return; // `stageFailed` follows
    if (failure !== undefined) this.#cancel(failure).catch(() => {});
    else
      this.#host.flush().then(
        () => this.#flushed(),
        (error) => this.#cancel({ error }).catch(() => {}),
      );
  }

  #flushed(): void {
    const outputQueue = this.#outputs as OutputQueue;
    const settled = () => {
      if (outputQueue.inputs > 0 || this.#isOver || this.#host.core.failure !== undefined) return;
      outputQueue.settled = undefined;
      this.#host.core.leave(outputQueue);
      this.#isSettled = true;
      this.#host.end(this);
      this.#deliver();
    };
    outputQueue.settled = settled;
    settled();
  }

  /** Delivers outputs to pending reads. */
  readonly #deliver = (): void => {
    const outputQueue = this.#outputs;
    while (this.#readers.length > 0) {
      const message = outputQueue?.tryTake();
      if (message !== undefined) {
        this.#readers.shift()?.resolve({ done: false, value: message });
      } else if (this.#isSettled || this.#isOver) {
        this.#finish();
        const reader = this.#readers.shift();
        this.#takeFailure().then(reader?.resolve, reader?.reject);
      } else {
        outputQueue?.whenReadable(this.#deliver);
        return;
      }
    }
  };

  /** Ends the process early. Resolves when the dead letters are stored and the source is stopped. */
  async #cancel(failure: { readonly error: unknown } | undefined): Promise<void> {
    if (this.#isOver) return this.#cancelled;
    this.#isOver = true;
    this.#unwatch?.();
    this.#failure = failure;
    if (failure !== undefined) this.onFailure?.(failure.error);
    const stopped = this.#pump?.stop();
    stopped?.catch(() => {}); // awaited below
    const outputQueue = this.#outputs;
    if (outputQueue !== undefined) {
      this.#host.close(outputQueue);
      this.#cancelled = this.#isSettled ? undefined : this.#host.cancel(outputQueue);
      if (this.#cancelled !== undefined) await this.#cancelled;
    }
    this.#finish();
    this.#deliver();
    try {
      await stopped;
    } catch (thrown) {
      if (failure === undefined) throw thrown; // an error of the source is passed on unchanged
    }
  }

  #finish(): void {
    this.#isOver = true;
    this.#stopListening?.();
    this.#host.end(this);
  }
}
