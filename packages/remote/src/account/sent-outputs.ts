import type { Outlet } from "@ringline/core/backend";
import { type AnyMessage, causeOf, DerivedId, idOf, messageIdText, type Published } from "@ringline/core/internal";
import type { SendIntent } from "../ring/send-intent.js";
import type { Entry } from "./entry.js";
import type { Inbox } from "./inbox.js";

/**
 * Identifies an output by its cause, a message in flight: the ticket of the cause, and its number of outputs sent with
 * this one.
 */
export type Caused = readonly [ticket: number, outputs: number];

/**
 * Outputs that were sent while their inputs are in flight, for a kernel whose outputs are committed once although
 * inputs are retried. The frame of each input counts its outputs in shared memory, which outlives the thread.
 */
export class SentOutputs implements Published {
  readonly #inbox: Inbox;
  readonly #sendIntent: SendIntent;
  /** Name from which output ids are derived. */
  readonly #ids: string;

  constructor(inbox: Inbox, note: SendIntent, ids: string) {
    this.#inbox = inbox;
    this.#sendIntent = note;
    this.#ids = ids;
  }

  get isEmpty(): boolean {
    return this.#inbox.inFlight().every(([, { frame }]) => frame === undefined || frame.outputs === 0);
  }

  has(inputId: string, outputId: string): boolean {
    const cause = this.#inbox.inFlight().find(([message]) => messageIdText(idOf(message)) === inputId)?.[1];
    for (let i = 0; i < (cause?.frame?.outputs ?? 0); i++) {
      if (new DerivedId(() => inputId, this.#ids, i).text === outputId) return true;
    }
    return false;
  }

  /** Does nothing: the frame of the input counts its outputs, and is settled with the input. */
  add(): void {}
  forget(): void {}

  /** Sends an output, and counts it with the input that has caused it. */
  tryPush(outlet: Outlet, message: AnyMessage): boolean {
    const cause = this.#causeOf(message);
    const frame = cause?.frame;
    if (cause === undefined || frame === undefined) return outlet.tryPush(message);
    const outputs = (idOf(message) as unknown as DerivedId).index + 1;
    this.#sendIntent.output(frame, cause.log, outputs);
    try {
      const hasLeft = outlet.tryPush(message);
      if (hasLeft) frame.outputs = outputs;
      return hasLeft;
    } finally {
      this.#sendIntent.endOutput();
    }
  }

  /** Data for the host about an output that it accepts. Undefined if no message in flight has caused the output. */
  caused(message: AnyMessage): Caused | undefined {
    const cause = this.#causeOf(message);
    return cause && [cause.ticket, (idOf(message) as unknown as DerivedId).index + 1];
  }

  /** Counts an output that the host has accepted. */
  sent(message: AnyMessage): void {
    const frame = this.#causeOf(message)?.frame;
    if (frame !== undefined) frame.outputs = (idOf(message) as unknown as DerivedId).index + 1;
  }

  #causeOf(message: AnyMessage): Entry | undefined {
    const cause = causeOf(message);
    return cause !== null && idOf(message) instanceof DerivedId ? this.#inbox.inFlightWithId(cause) : undefined;
  }
}
