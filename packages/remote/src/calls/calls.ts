import { type AnyRinglineError, errors, type WaitOptions } from "@ringline/core";
import { type Clock, type KernelWait, LazyController, limitWait } from "@ringline/core/internal";
import type { FlowCells } from "../account/flow-cells.js";
import { errorToWire, thrownFromWire, type WireError } from "../codec/error-wire.js";
import type { Caller, Control, Handlers } from "./handlers.js";

/** A pending call to another place. */
interface Call {
  readonly to: number;
  /** Called before any control is handled that was sent after the answer. */
  readonly answered: (() => void) | undefined;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Sends a control to another place; false if that place has ended. */
type SendControl = (to: number, control: Control, entering?: FlowCells) => boolean;

/** Controls with an answer: calls to other places, and calls from them. */
export class Calls<From extends Caller> {
  readonly #handlers: Handlers<From>;
  readonly #send: SendControl;
  readonly #ended: (to: number) => Error;
  readonly #open = new Map<number, Call>();
  #ids = 0;
  /** Calls from other places that are being served, by place and call. */
  readonly #serving = new Map<string, LazyController>();

  /** `ended`: the error for a call to a place that has ended. */
  constructor(handlers: Handlers<From>, tell: SendControl, ended: (to: number) => Error = hasEnded) {
    this.#handlers = handlers;
    this.#send = tell;
    this.#ended = ended;
    handlers.on("call", (call: { id: number; control: Control }, from) => void this.#serve(call, from));
    handlers.on("cancel", ({ id }: { id: number }, from) => this.#serving.get(`${from.index}:${id}`)?.abort());
    handlers.on("reply", ({ id, value }: { id: number; value: unknown }) => {
      const call = this.#take(id);
      call?.answered?.();
      call?.resolve(value);
    });
    handlers.on("refusal", ({ id, error }: { id: number; error: WireError }) =>
      this.#take(id)?.reject(thrownFromWire(error)),
    );
  }

  /**
   * Calls another place, and resolves with the result of its handler. Rejects when that place ends, and if the control
   * cannot be sent. `entering`: cells to count the message of a flow in the control. `answered`: called before any
   * control is handled that was sent after the answer.
   */
  make(to: number, control: Control, entering?: FlowCells, answered?: () => void) {
    const id = this.#ids++;
    const answer = new Promise((resolve, reject) => this.#open.set(id, { to, answered, resolve, reject }));
    try {
      if (!this.#send(to, { k: "call", id, control }, entering)) this.#take(id)?.reject(this.#ended(to));
    } catch (error) {
      this.#take(id)?.reject(error);
    }
    return { id, answer };
  }

  /**
   * Calls an operation that may wait, on behalf of a kernel. The handler at the other place applies the time-out, which
   * is the field `timeout` of the control, and the signal of its call; other ends of the wait are detected here, and
   * cancel the call there. The answer of that place counts, even if the wait ended
   * meanwhile.
   */
  async wait(
    to: number,
    control: Control,
    operation: string,
    kernelId: string,
    wait: WaitOptions | undefined,
    clock: Clock,
    entering?: FlowCells,
  ): Promise<unknown> {
    const { timeout, ...endings } = (wait ?? {}) as KernelWait;
    const { id, answer } = this.make(to, { ...control, timeout }, entering);
    let ended: AnyRinglineError | undefined;
    const unlimit = limitWait(endings, clock, operation, kernelId, (error) => {
      ended = error;
      this.#send(to, { k: "cancel", id });
    });
    try {
      return await answer;
    } catch (error) {
      throw ended ?? error;
    } finally {
      unlimit();
    }
  }

  /**
   * Calls another place, and waits for its answer as long as `wait` allows; the end of the wait cancels the call there.
   * Rejects with `TIMEOUT`, `ABORTED`, and with the cause when the place is lost.
   */
  call(to: number, control: Control, operation: string, wait: KernelWait, clock: Clock): Promise<unknown> {
    const { id, answer } = this.make(to, control);
    return new Promise((resolve, reject) => {
      const stop = limitWait(wait, clock, operation, undefined, (error) => {
        this.#open.delete(id);
        this.#send(to, { k: "cancel", id });
        reject(error);
      });
      const settled =
        <T>(settle: (outcome: T) => void) =>
        (outcome: T) => {
          stop();
          settle(outcome);
        };
      answer.then(settled(resolve), settled(reject));
    });
  }

  /** Rejects the pending calls to a place that has ended. */
  fail(to: number, error: unknown): void {
    for (const [id, call] of this.#open) if (call.to === to) this.#take(id)?.reject(error);
  }

  /** Aborts the calls being served for a place that has ended. */
  abort(from: number): void {
    for (const [key, serving] of this.#serving) if (key.startsWith(`${from}:`)) serving.abort();
  }

  #take(id: number): Call | undefined {
    const call = this.#open.get(id);
    this.#open.delete(id);
    return call;
  }

  async #serve({ id, control }: { id: number; control: Control }, from: From): Promise<void> {
    const key = `${from.index}:${id}`;
    const serving = new LazyController();
    this.#serving.set(key, serving);
    try {
      const value = await this.#handlers.handle(control, from, serving);
      this.#send(from.index, { k: "reply", id, value });
    } catch (error) {
      this.#send(from.index, { k: "refusal", id, error: errorToWire(error) });
    } finally {
      this.#serving.delete(key);
    }
  }
}

function hasEnded(thread: number) {
  return new errors.THREAD_LOST({ thread, reason: "it has ended", suspects: [] });
}
