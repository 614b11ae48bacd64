import { errors } from "../errors/ringline-error.js";
import { type AnyMessage, expiryOf } from "../messages/any-message.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { BatchPlan } from "../topologies/plan.js";
import type { FlowServices } from "./flow-services.js";
import { made } from "./in-name-of.js";
import { type AnyOrigin, type Bury, jointly } from "./joint-origin.js";
import { Pump } from "./pump.js";
import type { Sink } from "./sink.js";

interface Held {
  readonly message: AnyMessage;
  readonly origin: AnyOrigin;
}

/**
 * Many into one. What it holds is alive until its batch goes on; the batch is in the name of all their inputs, and has the
 * latest of their deadlines.
 */
export class Batch implements Sink {
  readonly name: string;
  readonly #plan: BatchPlan;
  readonly #node: number;
  readonly #flow: FlowServices;
  readonly #pump: Pump;
  #held: Held[] = [];
  /** Set once the flow has ended: what waited at the door then is not taken. */
  #bury: Bury | undefined;
  #stopTimer: (() => void) | undefined;
  sink!: Sink;

  constructor(plan: BatchPlan, node: number, flow: FlowServices) {
    this.name = plan.name;
    this.#plan = plan;
    this.#node = node;
    this.#flow = flow;
    this.#pump = new Pump(node, flow);
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    if (this.#pump.isBusy) return false;
    this.#add(message, origin);
    return true;
  }

  async push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    await this.#pump.emptied(wait);
    this.#add(message, origin);
  }

  /** Messages. */
  get size(): number {
    return this.#held.length;
  }

  /** Sends on what is there. */
  flush(): void {
    this.#stop();
    const held = this.#held;
    this.#held = [];
    const wanted = held.filter((one) => this.#isWanted(one));
    if (wanted.length > 0) this.#emit(wanted);
  }

  /** Makes dead letters of what is held, as the flow ends or cancels inputs. */
  abandon(bury: Bury, which: (origin: AnyOrigin) => boolean): void {
    const leaving = this.#held.filter(({ origin }) => which(origin));
    this.#held = this.#held.filter(({ origin }) => !which(origin));
    if (this.#held.length === 0) this.#stop();
    for (const { message, origin } of leaving) bury(message, origin, this.#node);
  }

  /** The flow has ended: nothing is held any more. */
  close(bury: Bury): void {
    this.#bury = bury;
    this.abandon(bury, () => true);
  }

  #stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #add(message: AnyMessage, origin: AnyOrigin): void {
    origin.enter(this.#node);
    if (this.#bury !== undefined) {
      this.#bury(message, origin, this.#node);
      return;
    }
    this.#held.push({ message, origin });
    const { max, linger } = this.#plan;
    if (this.#held.length >= max) this.flush();
    else if (linger !== undefined) this.#stopTimer ??= this.#flow.clock.after(linger, () => this.flush());
  }

  #isWanted({ message, origin }: Held): boolean {
    if (origin.isCancelled) {
      this.#flow.cancelled(message);
      origin.leave(this.#node);
      return false;
    }
    const late = this.#flow.clock.now() - expiryOf(message);
    if (late < 0) return true;
    const { name } = this.#plan;
    const error = new errors.EXPIRED({ late }, { stage: name, messageId: message.messageId });
    origin.leave(this.#node, this.#flow.deadLetter(message, error, name));
    return false;
  }

  #emit(held: readonly Held[]): void {
    const items = held.map(({ message }) => message);
    const origin = jointly(held.map((one) => one.origin));
    const last = items.at(-1) as AnyMessage;
    const { into, name } = this.#plan;
    try {
      const batch = made(() => into({ items }), withLatestDeadline(last, items), items, origin);
      origin.enter(this.#node);
      this.#pump.put(batch, origin, this.sink);
      for (const one of held) one.origin.leave(this.#node);
    } catch (thrown) {
      const error = this.#flow.error(thrown, last, name);
      for (const one of held) one.origin.leave(this.#node, this.#flow.deadLetter(one.message, error, name));
    }
  }
}

/** Makes `items` a consequence of one of their causes, with a deadline that cuts none of the others short. */
function withLatestDeadline(cause: AnyMessage, items: readonly AnyMessage[]): AnyMessage {
  const expiresAt = items.reduce((latest, item) => Math.max(latest, expiryOf(item)), 0);
  return expiresAt === expiryOf(cause) ? cause : copyMessage(cause, { ...envelopeOf(cause), expiresAt });
}
