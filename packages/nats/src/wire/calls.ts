import { errors } from "@ringline/core";
import { errorToWire, thrownFromWire, type WireError } from "@ringline/remote";
import type { Line } from "./line.js";

/** What the other end may ask for, by name. What it returns, or throws, is the answer. */
export type Served = Readonly<Record<string, (given: never, signal: AbortSignal) => unknown>>;

/** Questions to the other end of a line and its questions to this one. Each is answered later, in any order. */
export class Calls {
  readonly #line: Line;
  readonly #served: Served;
  readonly #asked = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  readonly #serving = new Map<number, AbortController>();
  #next = 0;

  constructor(line: Line, served: Served) {
    this.#line = line;
    this.#served = served;
  }

  /**
   * Rejects with what the other end throws, and with what ends the line. `answered`: called before anything is heard that was said
   * after the answer.
   */
  ask(k: string, given: object, answered?: () => void): { readonly id: number; readonly answer: Promise<unknown> } {
    const id = this.#next++;
    const answer = new Promise<unknown>((resolve, reject) => {
      if (this.#line.isClosed) return reject(new errors.TERMINATED({ operation: "send" }));
      const heard = (value: unknown) => {
        answered?.();
        resolve(value);
      };
      this.#asked.set(id, { resolve: heard, reject });
      try {
        this.#line.tell("ask", id, k, given);
      } catch (error) {
        this.#asked.delete(id);
        reject(error);
      }
    });
    return { id, answer };
  }

  /** Asks the other end to break off; it answers nonetheless. */
  cancel(id: number): void {
    this.#line.tell("cancel", id);
  }

  /** True when it was one of its kinds of things. */
  hear(k: string, id: number, rest: readonly unknown[]): boolean {
    if (k === "ask") void this.#serve(id, rest[0] as string, rest[1]);
    else if (k === "answer") this.#answered(id, rest[0], rest[1] as WireError | undefined);
    else if (k === "cancel") this.#serving.get(id)?.abort();
    else return false;
    return true;
  }

  /** The line is over. */
  end(error: () => Error): void {
    for (const { reject } of this.#asked.values()) reject(error());
    this.#asked.clear();
    for (const serving of this.#serving.values()) serving.abort();
  }

  #answered(id: number, value: unknown, error: WireError | undefined): void {
    const waiting = this.#asked.get(id);
    this.#asked.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(thrownFromWire(error));
  }

  async #serve(id: number, k: string, given: unknown): Promise<void> {
    const controller = new AbortController();
    this.#serving.set(id, controller);
    try {
      const serve = Object.hasOwn(this.#served, k) ? this.#served[k] : undefined;
      const value = await serve?.(given as never, controller.signal);
      this.#line.tell("answer", id, value);
    } catch (error) {
      this.#line.tell("answer", id, undefined, errorToWire(error));
    } finally {
      this.#serving.delete(id);
    }
  }
}
