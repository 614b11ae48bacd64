import type { DurableInputs } from "../durable/durable-inputs.js";
import { errors } from "../errors/ringline-error.js";
import { type AnyMessage, expiryOf } from "../messages/any-message.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import { limited } from "../time/limit-wait.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { BatchPlan } from "../topologies/plan.js";
import { EmitQueue } from "./emit-queue.js";
import type { FlowServices } from "./flow-services.js";
import { type AnyOrigin, JointOrigin, jointOriginOf, membersOf, type ToDeadLetter } from "./joint-origin.js";
import { combined } from "./on-behalf-of.js";
import type { Sink } from "./sink.js";

interface Held {
  readonly message: AnyMessage;
  readonly origin: AnyOrigin;
}

/** Batches that may wait to be kept, in a durable flow. */
const MOST_UNKEPT = 64;

/**
 * Many into one. What it holds is alive until its batch goes on; the batch is in the name of all their inputs, and has the
 * latest of their deadlines.
 */
export class Batch implements Sink {
  readonly name: string;
  readonly #plan: BatchPlan;
  readonly #node: number;
  readonly #flow: FlowServices;
  readonly #emitQueue: EmitQueue;
  /** In a durable flow. */
  readonly #inputs: DurableInputs | undefined;
  #held: Held[] = [];
  /** Batches that are made and not kept yet. */
  #unkept = 0;
  /** Set once the flow has ended: what waited at the door then is not taken. */
  #toDeadLetter: ToDeadLetter | undefined;
  #stopTimer: (() => void) | undefined;
  sink!: Sink;

  constructor(plan: BatchPlan, node: number, flow: FlowServices, inputs: DurableInputs | undefined) {
    this.name = plan.name;
    this.#plan = plan;
    this.#node = node;
    this.#flow = flow;
    this.#inputs = inputs;
    this.#emitQueue = new EmitQueue(node, flow);
  }

  tryPush(message: AnyMessage, origin: AnyOrigin): boolean {
    if (this.#emitQueue.isBusy || this.#unkept >= MOST_UNKEPT) return false;
    this.#add(message, origin);
    return true;
  }

  async push(message: AnyMessage, origin: AnyOrigin, wait: WaitOptions | undefined): Promise<void> {
    const { clock } = this.#flow;
    while (this.#emitQueue.isBusy || this.#unkept >= MOST_UNKEPT) {
      await this.#emitQueue.emptied(wait);
      if (this.#unkept >= MOST_UNKEPT) await limited(this.#keptAll(), wait ?? {}, clock, "send", this.name);
    }
    this.#add(message, origin);
  }

  /** Sink at which a batch that an earlier program made goes on. */
  get behind(): Sink {
    return {
      name: this.name,
      tryPush: (message, origin) => {
        this.#inputs?.begin(message, this.name, origin);
        origin.enter(this.#node);
        this.#emitQueue.put(message, origin, this.sink);
        return true;
      },
      push: async () => {},
    };
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
  abandon(toDeadLetter: ToDeadLetter, which: (origin: AnyOrigin) => boolean): void {
    const leaving = this.#held.filter(({ origin }) => which(origin));
    this.#held = this.#held.filter(({ origin }) => !which(origin));
    if (this.#held.length === 0) this.#stop();
    for (const { message, origin } of leaving) toDeadLetter(message, origin, this.#node);
  }

  /** The flow has ended: nothing is held any more. */
  close(toDeadLetter: ToDeadLetter): void {
    this.#toDeadLetter = toDeadLetter;
    this.abandon(toDeadLetter, () => true);
  }

  #stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #add(message: AnyMessage, origin: AnyOrigin): void {
    if (this.#inputs?.isTaken(message, this.name, origin)) return;
    origin.enter(this.#node);
    if (this.#toDeadLetter !== undefined) {
      this.#toDeadLetter(message, origin, this.#node);
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
    const origins = held.map((one) => one.origin);
    // what is kept is an input of its own, also where it was made of one
    const origin = this.#inputs === undefined ? jointOriginOf(origins) : new JointOrigin(membersOf(origins));
    const last = items.at(-1) as AnyMessage;
    const { into, name } = this.#plan;
    try {
      const batch = combined(() => into({ items }), withLatestDeadline(last, items), items, origin);
      const isKept = origin instanceof JointOrigin && this.#inputs?.made(batch, name, origin, held);
      origin.enter(this.#node);
      if (isKept) void this.#putOnceKept(batch, origin);
      else this.#emitQueue.put(batch, origin, this.sink);
      for (const one of held) one.origin.leave(this.#node);
    } catch (thrown) {
      const error = this.#flow.error(thrown, last, name);
      for (const one of held) one.origin.leave(this.#node, this.#flow.deadLetter(one.message, error, name));
    }
  }

  /** Another program would make another batch: so this one goes on when no other program makes it any more. */
  async #putOnceKept(batch: AnyMessage, origin: AnyOrigin): Promise<void> {
    this.#unkept++;
    await this.#keptAll();
    this.#unkept--;
    this.#emitQueue.put(batch, origin, this.sink);
  }

  /** Also where that cannot be any more: the flow has ended then. */
  async #keptAll(): Promise<void> {
    await this.#inputs?.kept().catch(() => {});
  }
}

/** Makes `items` a consequence of one of their causes, with a deadline that cuts none of the others short. */
function withLatestDeadline(cause: AnyMessage, items: readonly AnyMessage[]): AnyMessage {
  const expiresAt = items.reduce((latest, item) => Math.max(latest, expiryOf(item)), 0);
  return expiresAt === expiryOf(cause) ? cause : copyMessage(cause, { ...envelopeOf(cause), expiresAt });
}
