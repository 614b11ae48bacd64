import type { AnyRinglineError } from "../errors/ringline-error.js";
import type { Clock } from "../time/clock.js";
import { limitWait } from "../time/limit-wait.js";
import type { WaitOptions } from "../time/wait-options.js";
import { type AnyMessage, lineageOf } from "./any-message.js";
import { copyMessage, envelopeOf } from "./envelope.js";
import type { Header } from "./header.js";
import type { Asker, Lineage } from "./lineage.js";

/** One request that waits for its answer. */
export class Ask implements Asker {
  readonly asked: string;
  readonly name: string;
  readonly answered: Promise<AnyMessage>;
  readonly #parent: Lineage | undefined;
  readonly #unlimit: (() => void) | undefined;
  #resolve!: (message: AnyMessage) => void;
  #reject!: (error: AnyRinglineError) => void;
  #waits = true;
  #wasAnswered = false;

  /** `parent`: the lineage in whose name the request is made, which goes on with the answer. */
  constructor(asked: string, name: string, parent: Lineage | undefined, clock: Clock, wait: WaitOptions | undefined) {
    this.asked = asked;
    this.name = name;
    this.#parent = parent;
    this.answered = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#unlimit = wait && limitWait(wait, clock, "request", asked, (error) => this.fail(error));
  }

  get waits(): boolean {
    return this.#waits;
  }

  answer(answer: Header): "taken" | "late" | "further" {
    const message = answer as AnyMessage;
    if (this.#wasAnswered) return "further";
    this.#wasAnswered = true;
    if (!this.#waits) return "late";
    this.#end();
    const lineage = this.#parent;
    this.#resolve(lineageOf(message) === lineage ? message : copyMessage(message, { ...envelopeOf(message), lineage }));
    return "taken";
  }

  fail(error: AnyRinglineError): void {
    if (!this.#waits) return;
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.#waits = false;
    this.#unlimit?.();
  }
}
