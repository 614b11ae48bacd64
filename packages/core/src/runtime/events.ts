import { checkOptions } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";

/** Options of a listener. */
export interface ListenOptions {
  /**
   * True for a listener that only watches: events that nobody else handles are still printed.
   *
   * @default false
   */
  readonly passive?: boolean | undefined;
}

interface Listener<Value> {
  readonly notify: (event: Value) => void;
  readonly isPassive: boolean;
}

/** Listeners by event. An exception of a listener reaches neither the other listeners nor the emitter. */
export class Events<Map extends object> {
  readonly #listeners: { [Event in keyof Map]?: Set<Listener<Map[Event]>> } = {};
  /** Events that are not delivered to all listeners yet, first in, first out. */
  readonly #pending: (() => void)[] = [];
  readonly #known: readonly (keyof Map)[];

  constructor(known: readonly (keyof Map)[]) {
    this.#known = known;
  }

  /** Throws `INVALID_ARGUMENT` for an unknown event. */
  on<Event extends keyof Map>(
    event: Event,
    listener: (event: Map[Event]) => void,
    options: ListenOptions = {},
  ): Disposable {
    if (!this.#known.includes(event)) {
      throw new errors.INVALID_ARGUMENT(
        { argument: "event", value: event },
        { remedy: `Events are ${this.#known.join(", ")}.` },
      );
    }
    if (typeof listener !== "function") throw new errors.INVALID_ARGUMENT({ argument: "listener", value: listener });
    const listeners = this.#listeners[event] ?? new Set();
    this.#listeners[event] = listeners;
    checkOptions(options, ["passive"], "a listener");
    const own = { notify: listener, isPassive: options.passive === true }; // one function may be registered twice
    listeners.add(own);
    return { [Symbol.dispose]: () => void listeners.delete(own) };
  }

  /** Returns true if the event has listeners that are not passive. Events that a listener emits are delivered after the pending ones. */
  emit<Event extends keyof Map>(event: Event, value: Map[Event]): boolean {
    const listeners = this.#listeners[event];
    if (listeners === undefined || listeners.size === 0) return false;
    this.#pending.push(() => this.#notify(event, value));
    const isHandled = [...listeners].some(({ isPassive }) => !isPassive);
    if (this.#pending.length > 1) return isHandled; // the outer call delivers it
    for (let tell = this.#pending[0]; tell !== undefined; tell = this.#pending[0]) {
      tell();
      this.#pending.shift();
    }
    return isHandled;
  }

  #notify<Event extends keyof Map>(event: Event, value: Map[Event]): void {
    for (const { notify } of [...(this.#listeners[event] ?? [])]) {
      try {
        notify(value);
      } catch (error) {
        print(`[ringline] a listener of "${String(event)}" threw`, error);
      }
    }
  }

  clear(): void {
    for (const event of this.#known) this.#listeners[event]?.clear();
  }
}

/** Writes events without a listener to the console. Never throws, even if a getter of a value throws. */
export function print(...what: readonly unknown[]): void {
  try {
    console.error(...what);
  } catch {
    console.error("[ringline] an error that cannot be shown");
  }
}
