import { errors, isRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import { dispatch, turn, WORK } from "../time/turn.js";
import type { FlowCore } from "./flow-core.js";
import type { OutputQueue } from "./output-queue.js";
import { WritableSource } from "./writable-source.js";

interface SourcePumpHost {
  readonly core: FlowCore;
  check(message: unknown): AnyMessage;
}

/** Messages pulled in a row before the stages run: few messages in flight cost less than many. */
const BURST = 128;
/** Unread outputs at which pulling pauses. */
const AHEAD = 128;

const soon = Promise.resolve();

/** True for a promise; messages have no `then`. */
const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";

/** Pulls messages from a source into a flow, one at a time, and the next one only if there is capacity. */
export class SourcePump {
  readonly #iterator: AsyncIterator<unknown> | Iterator<unknown>;
  readonly #isAsync: boolean;
  /** The source if it is written to: its writes are acknowledged on acceptance. */
  readonly #writable: WritableSource<unknown> | undefined;
  readonly #outputs: OutputQueue;
  readonly #host: SourcePumpHost;
  readonly #ended: (failure: { readonly error: unknown } | undefined) => void;
  #isOver = false;
  /** True while `next()` of the source is pending. */
  #isPulling = false;
  /** The message that the first stage rejected as full, to be tried again. */
  #refused: AnyMessage | undefined;
  /** True while an admission is granted for the next message, which has not entered yet. */
  #hasPlace = false;

  /** `ended`: called once, when the source has ended, or with the failure. Throws `INVALID_ARGUMENT`. */
  constructor(
    source: Iterable<unknown> | AsyncIterable<unknown>,
    outputQueue: OutputQueue,
    host: SourcePumpHost,
    ended: (failure: { readonly error: unknown } | undefined) => void,
  ) {
    const asyncSource = (source as AsyncIterable<unknown> | null | undefined)?.[Symbol.asyncIterator];
    const syncSource = (source as Iterable<unknown> | null | undefined)?.[Symbol.iterator];
    if (typeof asyncSource !== "function" && typeof syncSource !== "function") {
      throw new errors.INVALID_ARGUMENT(
        { argument: "source", value: source },
        { remedy: "Pass an iterable: an array, a generator, a stream." },
      );
    }
    this.#writable = source instanceof WritableSource ? source : undefined;
    this.#isAsync = typeof asyncSource === "function";
    this.#iterator = this.#isAsync
      ? (source as AsyncIterable<unknown>)[Symbol.asyncIterator]()
      : (source as Iterable<unknown>)[Symbol.iterator]();
    this.#outputs = outputQueue;
    this.#host = host;
    this.#ended = ended;
  }

  /** Pulls while there is capacity, and resumes by itself when there is capacity again. */
  readonly pull = (): void => dispatch(this.#pullSome); // the stages run when a burst is in, not after each message

  readonly #pullSome = (): void => {
    try {
      for (let pulled = 0; !this.#isOver; pulled++) {
        if (this.#outputs.size >= AHEAD) {
          this.#outputs.whenLow(AHEAD / 2, this.pull);
          return;
        }
        if (pulled === BURST) {
          void soon.then(this.pull);
          return;
        }
        if (turn.spend(WORK)) {
          turn.resume(this.pull);
          return;
        }
        if (!this.#takePlace()) return;
        if (this.#refused !== undefined) {
          if (!this.#enter(this.#refused)) return;
          continue;
        }
        this.#isPulling = true;
        const next = this.#iterator.next();
        if (this.#isAsync) {
          void Promise.resolve(next).then(this.#pulled, this.#failed); // a promise calls only one of the two, even if the source misbehaves
          return;
        }
        this.#isPulling = false;
        if (this.#isOver) {
          this.#iterator.return?.(); // the source ended its own process during `next()`
          return;
        }
        const { done, value } = next as IteratorResult<unknown>;
        if (!done && isPromise(value)) {
          Promise.resolve(value).then((promised) => this.#pulled({ done: false, value: promised }), this.#rejected);
          return;
        }
        if (!this.#admit(next as IteratorResult<unknown>)) return;
      }
    } catch (error) {
      this.#failed(error);
    }
  };

  /** Stops pulling. Resolves when `return()` of the source has settled, without waiting if `next()` is pending. */
  async stop(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leavePlace();
    if (this.#refused !== undefined) this.#host.core.cancelled(this.#refused);
    this.#refused = undefined;
    if (this.#isPulling && !this.#isAsync) return; // called during `next()`: `return()` follows when it ends
    const returned = this.#iterator.return?.();
    if (this.#isPulling) Promise.resolve(returned).catch(() => {});
    else await returned;
  }

  readonly #pulled = (result: IteratorResult<unknown>): void => {
    this.#isPulling = false;
    if (this.#isOver) return;
    try {
      if (this.#admit(result)) this.pull();
    } catch (error) {
      this.#failed(error);
    }
  };

  /** Handles a rejected promise of a source, which does not notice it: stops the source. */
  readonly #rejected = (error: unknown): void => {
    if (this.#isOver) return;
    this.stop().catch(() => {}); // the rejection is reported instead
    this.#ended({ error });
  };

  /** Handles an error of the source or of the first node. */
  readonly #failed = (error: unknown): void => {
    const wasPulling = this.#isPulling;
    this.#isPulling = false;
    if (this.#isOver) return;
    this.#leavePlace();
    if (wasPulling) this.#isOver = true; // a source that failed has ended
    this.#ended({ error });
  };

  /** Requests admission for the next message. Returns false if it has to wait. */
  #takePlace(): boolean {
    if (this.#hasPlace) return true;
    const { core } = this.#host;
    if (core.admission.tryTake()) {
      this.#hasPlace = true;
      return true;
    }
    core.awaitPlace(this.#placed, undefined, "process").catch(this.#failed);
    return false;
  }

  readonly #placed = (): undefined => {
    this.#hasPlace = true;
    if (this.#isOver) this.#leavePlace();
    else void soon.then(this.pull); // not during the operation that released capacity
  };

  #leavePlace(): void {
    if (!this.#hasPlace) return;
    this.#hasPlace = false;
    this.#host.core.admission.release();
  }

  /** Enters a pulled message. Returns true if the next one may be pulled at once. */
  #admit({ done, value }: IteratorResult<unknown>): boolean {
    if (done) {
      this.#isOver = true;
      this.#leavePlace();
      this.#ended(undefined);
      return false;
    }
    return this.#enter(this.#host.check(value));
  }

  #enter(message: AnyMessage): boolean {
    this.#hasPlace = false;
    this.#refused = undefined;
    try {
      const later = this.#host.core.enter(message, this.#outputs, undefined, undefined);
      if (later === undefined) {
        this.#writable?.accepted();
        return true;
      }
      later.then(this.#accepted, (error) => this.#refuse(message, error));
    } catch (error) {
      this.#refuse(message, error);
    }
    return false;
  }

  readonly #accepted = (): void => {
    this.#writable?.accepted();
    this.pull();
  };

  /** Handles a rejection. A message that the first stage rejects as full is tried again when a message has left. */
  #refuse(message: AnyMessage, error: unknown): void {
    const { core } = this.#host;
    if (core.failure !== undefined) core.deadLetter(message, error, null); // the failure of its stage is reported
    if (!isRinglineError(error, "QUEUE_FULL") || core.admission.inFlight === 0) {
      this.#failed(error);
      return;
    }
    this.#refused = message;
    core.inFlightCounter.whenMessageLeaves(() => void soon.then(this.pull));
  }
}
