import type { AnyRinglineError } from "../errors/ringline-error.js";
import { type AnyMessage, lineageOf } from "../messages/any-message.js";
import { Fifo } from "../ports/fifo.js";
import { OrderedGate } from "../ports/ordered-gate.js";
import type { Outlet } from "../seam/port.js";
import type { Shortcuts } from "../seam/shortcuts.js";
import { turn } from "../time/turn.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { FlowServices } from "./flow-services.js";
import { originOf } from "./joint-origin.js";
import type { StageOutput } from "./stage-output.js";

/**
 * The output of a remote stage. Accepts outputs before the next node has capacity, so that none waits for a remote
 * answer; until they are forwarded, they count at the stage's node. Used only if no next node rejects messages, as the
 * sender is not notified of a rejection.
 */
export class BufferedStageOutput implements Outlet, Shortcuts {
  readonly #output: StageOutput;
  readonly #node: number;
  readonly #capacity: number;
  readonly #flow: FlowServices;
  readonly #queue = new Fifo<AnyMessage>();
  /** Held by messages sent ahead until they are forwarded, and by each `push`. */
  readonly #gate: OrderedGate;

  /** `capacity`: maximum messages that wait here. */
  constructor(exit: StageOutput, node: number, capacity: number, flow: FlowServices) {
    this.#output = exit;
    this.#node = node;
    this.#capacity = capacity;
    this.#flow = flow;
    this.#gate = new OrderedGate(flow.clock, flow.id);
  }

  get credits(): number {
    return this.#gate.waiting > 0 ? 0 : this.#capacity - this.#queue.size;
  }

  tryPush(message: AnyMessage): boolean {
    const origin = originOf(lineageOf(message));
    if (!origin?.isOpen(this.#node)) return !this.#gate.isTaken && this.#output.tryPush(message);
    try {
      if (!this.#gate.isTaken && this.#output.tryPush(message)) return true;
    } catch (error) {
      this.#refused(message, error);
      return true;
    }
    if (this.credits <= 0) return false;
    origin.enter(this.#node);
    if (this.#gate.tryEnter()) void this.#advance(message);
    else this.#queue.push(message, 0);
    return true;
  }

  async push(message: AnyMessage, wait?: WaitOptions): Promise<void> {
    if (!this.#gate.tryEnter()) await this.#gate.enter(wait);
    try {
      await this.#output.push(message, wait);
    } finally {
      await this.#advance();
    }
  }

  /** Forwards a message that has to wait, then the queued messages. */
  async #advance(first?: AnyMessage): Promise<void> {
    if (first !== undefined) await this.#resume(first, false);
    while (this.#queue.size > 0) {
      const message = this.#queue.shift();
      await this.#resume(message, true);
      if (turn.spend()) await turn.next();
    }
    this.#gate.leave();
  }

  async #resume(message: AnyMessage, mayBeReady: boolean): Promise<void> {
    try {
      if (!mayBeReady || !this.#output.tryPush(message)) await this.#output.push(message);
      this.#arrived(message, undefined);
    } catch (error) {
      this.#arrived(message, this.#refused(message, error));
    }
  }

  /** Dead-letters a message that the next node rejects, as it has ended. */
  #refused(message: AnyMessage, error: unknown): AnyRinglineError {
    return this.#flow.deadLetter(message, error, this.#output.sink.name);
  }

  #arrived(message: AnyMessage, error: AnyRinglineError | undefined): void {
    originOf(lineageOf(message))?.leave(this.#node, error);
  }
}
