import { errors, isRinglineError } from "../errors/ringline-error.js";
import type { AnyMessage } from "../messages/any-message.js";
import { dispatch } from "../time/dispatch.js";
import { turn, WORK } from "../time/turn.js";
import type { FlowCore } from "./flow-core.js";
import type { OutputQueue } from "./output-queue.js";
import { WritableSource } from "./writable-source.js";

interface SourcePumpHost {
  readonly core: FlowCore;
  check(message: unknown): AnyMessage;
}

/** Messages pulled one after the other before the stages get their turn: few messages alive are cheaper than many. */
const BURST = 128;
/** Outputs that wait to be read before the source has to wait as well. */
const AHEAD = 128;

const soon = Promise.resolve();

/** Messages are none: they have no `then`. */
const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";

/** Brings the messages of a source into a flow, one after the other, and asks for the next one only when there is room. */
export class SourcePump {
  readonly #iterator: AsyncIterator<unknown> | Iterator<unknown>;
  readonly #isAsync: boolean;
  /** A source that is written to: its writes are told what becomes of them. */
  readonly #writable: WritableSource<unknown> | undefined;
  readonly #outputs: OutputQueue;
  readonly #host: SourcePumpHost;
  readonly #ended: (failure: { readonly error: unknown } | undefined) => void;
  #isOver = false;
  /** True while the source looks for its next message. */
  #isPulling = false;
  /** The message for which the first stage had no room. */
  #refused: AnyMessage | undefined;
  /** A place in the flow for what is pulled next. */
  #hasPlace = false;

  /** `ended` is called once: when the source has ended, or with why no more comes. Throws `INVALID_ARGUMENT`. */
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

  /** Pulls while there is room, and goes on by itself when there is room again. */
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
          void Promise.resolve(next).then(this.#pulled, this.#failed); // at most one of them, whatever the source does
          return;
        }
        this.#isPulling = false;
        if (this.#isOver) {
          this.#iterator.return?.(); // it ended its own process while it was asked
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

  /** Pulls nothing any more. Resolves when the source has been told; a source that is still looking is not waited for. */
  async stop(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leavePlace();
    if (this.#refused !== undefined) this.#host.core.cancelled(this.#refused);
    this.#refused = undefined;
    if (this.#isPulling && !this.#isAsync) return; // it runs: it is told when it is back
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

  /** Ends the pull from a source of promises, which does not see that nothing more is pulled. */
  readonly #rejected = (error: unknown): void => {
    if (this.#isOver) return;
    this.stop().catch(() => {}); // the rejection is what is told
    this.#ended({ error });
  };

  /** The source or the first node threw. */
  readonly #failed = (error: unknown): void => {
    const wasPulling = this.#isPulling;
    this.#isPulling = false;
    if (this.#isOver) return;
    this.#leavePlace();
    if (wasPulling) this.#isOver = true; // a source that failed has ended
    this.#ended({ error });
  };

  /** False when it waits for one. */
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
    else void soon.then(this.pull); // not in the middle of what made room
  };

  #leavePlace(): void {
    if (!this.#hasPlace) return;
    this.#hasPlace = false;
    this.#host.core.admission.release();
  }

  /** True when the next one may be pulled at once. */
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

  /** A first stage that rejects what it has no room for lets a source wait: it is tried again when something has left. */
  #refuse(message: AnyMessage, error: unknown): void {
    const { core } = this.#host;
    if (core.failure !== undefined) core.deadLetter(message, error, null); // the failure of its stage is what is told
    if (!isRinglineError(error, "QUEUE_FULL") || core.admission.inFlight === 0) {
      this.#failed(error);
      return;
    }
    this.#refused = message;
    core.inFlightCounter.whenMessageLeaves(() => void soon.then(this.pull));
  }
}
