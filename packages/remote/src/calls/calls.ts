import { errors } from "@ringline/core";
import { type Clock, type KernelWait, limitWait } from "@ringline/core/internal";
import type { FlowCells } from "../account/flow-cells.js";
import { errorToWire, thrownFromWire, type WireError } from "../codec/error-wire.js";
import type { Link } from "../endpoint/link.js";
import type { Control, Handlers } from "./handlers.js";
import { Serving } from "./serving.js";

/** A call of another thread that has not answered. */
interface Call {
  readonly to: number;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** What is written to another thread; false where it has ended. */
type Tell = (to: number, control: Control, entering?: FlowCells) => boolean;

/** Controls that are answered: what is asked of other threads, and what they ask here. */
export class Calls {
  readonly #handlers: Handlers;
  readonly #tell: Tell;
  readonly #open = new Map<number, Call>();
  #ids = 0;
  /** What ends the calls of other threads that are served here, by thread and call. */
  readonly #serving = new Map<string, Serving>();

  constructor(handlers: Handlers, tell: Tell) {
    this.#handlers = handlers;
    this.#tell = tell;
    handlers.on("call", (call: { id: number; control: Control }, from) => void this.#serve(call, from));
    handlers.on("cancel", ({ id }: { id: number }, from) => this.#serving.get(`${from.index}:${id}`)?.abort());
    handlers.on("reply", ({ id, value }: { id: number; value: unknown }) => this.#take(id)?.resolve(value));
    handlers.on("refusal", ({ id, error }: { id: number; error: WireError }) =>
      this.#take(id)?.reject(thrownFromWire(error)),
    );
  }

  /**
   * Asks another thread to do something, and resolves with what its handler gives. Rejects when it ends. `entering`: what
   * counts the message of a flow that goes with it.
   */
  make(to: number, control: Control, entering?: FlowCells): { readonly id: number; readonly answer: Promise<unknown> } {
    const id = this.#ids++;
    const answer = new Promise((resolve, reject) => this.#open.set(id, { to, resolve, reject }));
    if (!this.#tell(to, { k: "call", id, control }, entering)) this.#take(id)?.reject(hasEnded(to));
    return { id, answer };
  }

  /**
   * Asks another place, and waits for its answer as long as `wait` allows; the end of the wait cancels what is done there. Rejects
   * with `TIMEOUT`, `ABORTED`, and with the cause when the place is lost.
   */
  ask(to: number, control: Control, operation: string, wait: KernelWait, clock: Clock): Promise<unknown> {
    const { id, answer } = this.make(to, control);
    return new Promise((resolve, reject) => {
      const stop = limitWait(wait, clock, operation, undefined, (error) => {
        this.#open.delete(id);
        this.#tell(to, { k: "cancel", id });
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

  /** Ends the calls that another thread will not answer. */
  fail(to: number, error: unknown): void {
    for (const [id, call] of this.#open) if (call.to === to) this.#take(id)?.reject(error);
  }

  /** Ends what is served to a thread that has ended. */
  abort(from: number): void {
    for (const [key, serving] of this.#serving) if (key.startsWith(`${from}:`)) serving.abort();
  }

  #take(id: number): Call | undefined {
    const call = this.#open.get(id);
    this.#open.delete(id);
    return call;
  }

  async #serve({ id, control }: { id: number; control: Control }, from: Link): Promise<void> {
    const key = `${from.index}:${id}`;
    const serving = new Serving();
    this.#serving.set(key, serving);
    try {
      const value = await this.#handlers.handle(control, from, serving);
      this.#tell(from.index, { k: "reply", id, value });
    } catch (error) {
      this.#tell(from.index, { k: "refusal", id, error: errorToWire(error) });
    } finally {
      this.#serving.delete(key);
    }
  }
}

function hasEnded(thread: number) {
  return new errors.THREAD_LOST({ thread, reason: "it has ended", suspects: [] });
}
