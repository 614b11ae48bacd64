import type { DurableInputs } from "../durable/durable-inputs.js";
import { errors } from "../errors/ringline-error.js";
import { type AnyMessage, copyMessage, envelopeOf, expiryOf } from "../messages/any-message.js";
import { limited, type WaitOptions } from "../time/wait-options.js";
import type { BatchPlan } from "../topologies/plan.js";
import { EmitQueue } from "./emit-queue.js";
import { type AnyOrigin, JointOrigin, jointOriginOf, membersOf, type ToDeadLetter } from "./flow-origin.js";
import type { FlowServices, Sink } from "./flow-services.js";
import { combined } from "./on-behalf-of.js";

interface Held {
  readonly message: AnyMessage;
  readonly origin: AnyOrigin;
}

/** Maximum batches that wait to be stored, in a durable flow. */
const MOST_UNKEPT = 64;

/**
 * Combines many messages into one. Messages stay in flight until their batch is forwarded; the batch is on behalf of
 * all their inputs, and has the latest of their deadlines.
 */
export class Batch implements Sink {
  readonly name: string;
  readonly #plan: BatchPlan;
  readonly #node: number;
  readonly #flow: FlowServices;
  readonly #emitQueue: EmitQueue;
  /** Set in a durable flow. */
  readonly #inputs: DurableInputs | undefined;
  #held: Held[] = [];
  /** Number of batches that are made and not stored yet. */
  #unkept = 0;
  /** Set once the flow has ended: messages that still arrive are dead-lettered. */
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

  /** The sink where a batch that an earlier program made resumes. */
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

  /** Number of messages held. */
  get size(): number {
    return this.#held.length;
  }

  /** Forwards the held messages as one batch. */
  flush(): void {
    this.#stop();
    const held = this.#held;
    this.#held = [];
    const wanted = held.filter((one) => this.#isWanted(one));
    if (wanted.length > 0) this.#emit(wanted);
  }

  /** Dead-letters held messages, as the flow ends or cancels inputs. */
  abandon(toDeadLetter: ToDeadLetter, which: (origin: AnyOrigin) => boolean): void {
    const leaving = this.#held.filter(({ origin }) => which(origin));
    this.#held = this.#held.filter(({ origin }) => !which(origin));
    if (this.#held.length === 0) this.#stop();
    for (const { message, origin } of leaving) toDeadLetter(message, origin, this.#node);
  }

  /** Ends the batch with the flow: held and later messages become dead letters. */
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
    // a stored batch is an input of its own, even if it is made of one input
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

  /** Forwards a batch once it is stored: until then, another program might form a different one. */
  async #putOnceKept(batch: AnyMessage, origin: AnyOrigin): Promise<void> {
    this.#unkept++;
    await this.#keptAll();
    this.#unkept--;
    this.#emitQueue.put(batch, origin, this.sink);
  }

  /** Resolves when all is stored, or can no longer be, as the flow has ended. */
  async #keptAll(): Promise<void> {
    await this.#inputs?.kept().catch(() => {});
  }
}

/** The cause with the latest deadline of `items`, so that none of them is cut short. */
function withLatestDeadline(cause: AnyMessage, items: readonly AnyMessage[]): AnyMessage {
  const expiresAt = items.reduce((latest, item) => Math.max(latest, expiryOf(item)), 0);
  return expiresAt === expiryOf(cause) ? cause : copyMessage(cause, { ...envelopeOf(cause), expiresAt });
}
