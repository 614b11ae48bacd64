import { type AnyRinglineError, isRinglineError } from "../errors/ringline-error.js";
import type { Handle } from "../kernels/kernel.js";
import type { KernelContext } from "../kernels/kernel-context.js";
import type { AnyMessage } from "../messages/any-message.js";
import { setProcessor } from "../messages/current-message.js";
import type { Spans } from "../telemetry/spans.js";
import { inThisContext } from "../time/async-context.js";
import { dispatch, turn, WORK } from "../time/turn.js";
import { type Attempts, ErrorPolicy } from "./error-policy.js";
import type { KernelHost } from "./kernel-host.js";
import { emitAll, publish } from "./publish.js";
import type { Fire } from "./timers.js";

/**
 * Drives a `handle` body: takes ready messages without awaiting, and awaits only a body or a port that is not ready.
 */
export function driveHandle(host: KernelHost, ctx: KernelContext<never, never>): void {
  new HandleDriver(host, ctx).start();
}

type Body = Handle<AnyMessage, unknown, KernelContext<never, never>>;

class HandleDriver implements Attempts {
  readonly #host: KernelHost;
  readonly #ctx: KernelContext<never, never>;
  readonly #handle: Body;
  readonly #policy: ErrorPolicy;
  #isIdle = true;

  constructor(host: KernelHost, ctx: KernelContext<never, never>) {
    this.#host = host;
    this.#ctx = ctx;
    this.#handle = host.kernel.handle as unknown as Body;
    this.#policy = new ErrorPolicy(host, this);
  }

  start(): void {
    this.#host.wake = this.#wake;
    this.#host.onEnding = () => {
      if (this.#isIdle) this.#wake();
    };
    this.#host.inlet.whenReadable(this.#wake);
  }

  readonly #wake = (): void => {
    if (!this.#isIdle) return;
    this.#isIdle = false;
    dispatch(this.#drain);
  };

  readonly #resume = (): void => dispatch(this.#drain);

  /**
   * Takes and processes messages, in the asynchronous context of the launch, not of the caller that wakes the kernel.
   */
  readonly #drain = inThisContext((): void => {
    const host = this.#host;
    for (;;) {
      if (host.isOver) return;
      if (host.isEnding) {
        host.end({ kind: "stopped" });
        return;
      }
      if (turn.spend(WORK)) {
        turn.resume(this.#resume);
        return;
      }
      const fire = host.timers?.next();
      if (fire !== undefined) {
        const later = this.#fire(fire);
        if (later === undefined) continue;
        void later.then(this.#resume);
        return;
      }
      const message = host.inlet.tryTake();
      if (message === undefined) {
        this.#isIdle = true;
        host.inlet.whenReadable(this.#wake);
        return;
      }
      host.begin(message);
      const later = this.attempt(message, 1);
      if (later !== undefined) {
        void later.then(this.#resume);
        return;
      }
    }
  });

  /** Calls a timer and emits what it returns. An exception is the failure of the incarnation: there is no message. */
  #fire(fire: Fire): Promise<void> | undefined {
    try {
      const result = fire();
      const later = result === undefined ? undefined : emitAll(this.#host, result);
      return later?.catch((thrown) => this.#timerFailed(thrown));
    } catch (thrown) {
      this.#timerFailed(thrown);
      return undefined;
    }
  }

  #timerFailed(thrown: unknown): void {
    const host = this.#host;
    if (host.isOver) return;
    if (host.isEnding && isRinglineError(thrown, "TERMINATED")) this.stop(undefined);
    else host.end({ kind: "failed", error: host.failed(thrown, undefined) });
  }

  attempt(message: AnyMessage, attempt: number): Promise<void> | undefined {
    const host = this.#host;
    host.attempt = attempt;
    try {
      const handle = this.#handle;
      setProcessor(host);
      const result = host.spans === undefined ? handle(message, this.#ctx) : this.#followed(message, host.spans);
      setProcessor(undefined);
      const later = publish(host, result);
      if (later === undefined) {
        host.finish(message);
        return undefined;
      }
      return this.#settleLater(later, message, attempt);
    } catch (thrown) {
      setProcessor(undefined);
      return this.#policy.failed(thrown, message, attempt);
    }
  }

  #followed(message: AnyMessage, spans: Spans): unknown {
    const handle = this.#handle;
    return spans.run(message, () => handle(message, this.#ctx));
  }

  async #settleLater(later: Promise<void>, message: AnyMessage, attempt: number): Promise<void> {
    try {
      await later;
    } catch (thrown) {
      return this.#policy.failed(thrown, message, attempt);
    }
    this.#host.finish(message);
  }

  stop(unfinished: AnyRinglineError | undefined): void {
    this.#host.end({ kind: "stopped", ...(unfinished !== undefined && { unfinished }) });
  }
}
