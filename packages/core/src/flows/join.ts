import { errors } from "../errors/ringline-error.js";
import { type AnyMessage, copyMessage, envelopeOf, idOf } from "../messages/any-message.js";
import { DerivedId } from "../messages/message-id.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { JoinPlan } from "../topologies/plan.js";
import { EmitQueue } from "./emit-queue.js";
import type { AnyOrigin, FlowOrigin, ToDeadLetter } from "./flow-origin.js";
import type { FlowServices, Sink } from "./flow-services.js";
import { combined } from "./on-behalf-of.js";

/** The messages of one input that have arrived so far. */
interface Arrivals {
  /** By branch, in the order of arrival. */
  readonly parts: AnyMessage[][];
  /** Clock time in milliseconds at which the first held message arrived. */
  since: number;
  /**
   * "late" after the join gave up on the input, "failed" after a branch failed: nothing of the input is joined any
   * more.
   */
  state: "open" | "late" | "failed";
}

/**
 * Joins the branches of one input. Several messages of one branch are paired in the order of arrival. If a branch
 * passes without a message, or the time-out ends, the messages that have arrived become dead letters.
 */
export class Join {
  readonly #plan: JoinPlan;
  readonly #node: number;
  readonly #branches: readonly string[];
  readonly #firstRegion: number;
  readonly #flow: FlowServices;
  readonly #emitQueue: EmitQueue;
  /** True in a durable flow. */
  readonly #isKept: boolean;
  /** In the order of the first arrival, as all wait equally long. */
  readonly #arrivals = new Map<FlowOrigin, Arrivals>();
  #stopTimer: (() => void) | undefined;
  /** Set once the flow has ended: messages that still arrive are dead-lettered. */
  #toDeadLetter: ToDeadLetter | undefined;
  sink!: Sink;

  /** Branch i is region `firstRegion` + i. */
  constructor(plan: JoinPlan, node: number, firstRegion: number, flow: FlowServices, isKept: boolean) {
    this.#isKept = isKept;
    this.#plan = plan;
    this.#node = node;
    this.#branches = [...plan.branches.keys()];
    this.#firstRegion = firstRegion;
    this.#flow = flow;
    this.#emitQueue = new EmitQueue(node, flow);
  }

  /** The sink at the end of a branch. */
  branch(name: string): Sink {
    const at = this.#branches.indexOf(name);
    return {
      name: this.#plan.name,
      tryPush: (message, origin) => {
        if (this.#emitQueue.isBusy) return false;
        this.#arrive(at, message, origin);
        return true;
      },
      push: async (message, origin, wait: WaitOptions | undefined) => {
        await this.#emitQueue.emptied(wait);
        this.#arrive(at, message, origin);
      },
    };
  }

  /** Handles a closed region: no further message of the input arrives by its branch. */
  closed(region: number, origin: FlowOrigin): void {
    const arrivals = this.#arrivals.get(origin);
    if (arrivals === undefined) return;
    if (arrivals.state === "open" && arrivals.parts[region - this.#firstRegion]?.length === 0) {
      this.#giveUp(origin, arrivals);
    }
    this.#forget(origin, arrivals);
  }

  get name(): string {
    return this.#plan.name;
  }

  /** Number of messages that wait for those of other branches. */
  get size(): number {
    let size = 0;
    for (const { parts } of this.#arrivals.values()) for (const { length } of parts) size += length;
    return size;
  }

  /** Records that the input failed upstream. Returns false if that is known, so that one failure is sent. */
  fail(origin: FlowOrigin): boolean {
    const arrivals = this.#arrivalsOf(origin);
    if (arrivals.state === "failed") return false;
    arrivals.state = "failed";
    for (const parts of arrivals.parts) for (const _ of parts.splice(0)) origin.leave(this.#node);
    this.#forget(origin, arrivals);
    return true;
  }

  /** Dead-letters held messages, as the flow ends or cancels inputs. */
  abandon(toDeadLetter: ToDeadLetter, which: (origin: FlowOrigin) => boolean): void {
    for (const [origin, { parts }] of [...this.#arrivals]) {
      if (!which(origin)) continue;
      for (const message of parts.flatMap((list) => list.splice(0))) toDeadLetter(message, origin, this.#node);
    }
  }

  /** Ends the join with the flow: held and later messages become dead letters. */
  close(toDeadLetter: ToDeadLetter): void {
    this.#toDeadLetter = toDeadLetter;
    this.abandon(toDeadLetter, () => true);
    this.#stopTimer?.();
  }

  #arrive(at: number, message: AnyMessage, origin: AnyOrigin): void {
    origin.enter(this.#node);
    if (this.#toDeadLetter !== undefined) {
      this.#toDeadLetter(message, origin, this.#node);
      return;
    }
    for (const member of origin.members) this.#arriveOne(at, message, member);
  }

  #arriveOne(at: number, message: AnyMessage, origin: FlowOrigin): void {
    const arrivals = this.#arrivalsOf(origin);
    if (arrivals.state === "failed") {
      origin.leave(this.#node);
      return;
    }
    if (arrivals.parts.every(({ length }) => length === 0)) arrivals.since = this.#flow.clock.now();
    arrivals.parts[at]?.push(message);
    if (arrivals.state === "late" || this.#isHopeless(origin, arrivals)) {
      this.#giveUp(origin, arrivals);
    } else if (arrivals.parts.every(({ length }) => length > 0)) {
      this.#join(origin, arrivals);
    } else {
      this.#watchTime();
    }
  }

  #join(origin: FlowOrigin, { parts }: Arrivals): void {
    const first = parts.map((list) => list.shift() as AnyMessage);
    const byBranch = Object.fromEntries(this.#branches.map((name, i) => [name, first[i] as AnyMessage]));
    const { into, name } = this.#plan;
    try {
      const joined = this.#named(
        combined(() => into(byBranch), first[0] as AnyMessage, first, origin),
        first,
      );
      origin.enter(this.#node);
      this.#emitQueue.put(joined, origin, this.sink);
      for (const _ of first) origin.leave(this.#node);
    } catch (thrown) {
      const error = this.#flow.error(thrown, first[0] as AnyMessage, name);
      for (const message of first) origin.leave(this.#node, this.#flow.deadLetter(message, error, name));
    }
  }

  /** Gives the result a derived id in a durable flow, which another program that joins the same messages repeats. */
  #named(joined: AnyMessage, parts: readonly AnyMessage[]): AnyMessage {
    if (!this.#isKept || typeof idOf(joined) !== "number" || parts.includes(joined)) return joined;
    const id = new DerivedId(() => parts.map(({ messageId }) => messageId).join(" "), this.#plan.name, 0);
    return copyMessage(joined, { ...envelopeOf(joined), id });
  }

  /** True if a branch has passed and has no message to pair. */
  #isHopeless(origin: FlowOrigin, { parts }: Arrivals): boolean {
    return parts.some(({ length }, i) => length === 0 && origin.hasPassed(this.#firstRegion + i));
  }

  #giveUp(origin: FlowOrigin, { parts }: Arrivals): void {
    const missing = this.#branches.filter((_, i) => parts[i]?.length === 0);
    const { name: node } = this.#plan;
    for (const message of parts.flatMap((list) => list.splice(0))) {
      const error = new errors.JOIN_INCOMPLETE({ node, missing }, { messageId: message.messageId });
      origin.leave(this.#node, this.#flow.deadLetter(message, error, node));
    }
  }

  #arrivalsOf(origin: FlowOrigin): Arrivals {
    let arrivals = this.#arrivals.get(origin);
    if (arrivals === undefined) {
      arrivals = { parts: this.#branches.map(() => []), since: 0, state: "open" };
      this.#arrivals.set(origin, arrivals);
    }
    return arrivals;
  }

  /** Forgets the input once all branches have passed and no message is held. */
  #forget(origin: FlowOrigin, { parts }: Arrivals): void {
    if (this.#branches.every((_, i) => origin.hasPassed(this.#firstRegion + i)) && parts.every((l) => l.length === 0)) {
      this.#arrivals.delete(origin);
    }
  }

  #watchTime(): void {
    if (this.#stopTimer !== undefined || this.#plan.timeout === Number.POSITIVE_INFINITY) return;
    const oldest = this.#oldest();
    if (oldest === undefined) return;
    const left = oldest[1].since + this.#plan.timeout - this.#flow.clock.now();
    this.#stopTimer = this.#flow.clock.after(Math.max(0, left), () => {
      this.#stopTimer = undefined;
      this.#expire();
      this.#watchTime();
    });
  }

  #oldest(): [FlowOrigin, Arrivals] | undefined {
    let oldest: [FlowOrigin, Arrivals] | undefined;
    for (const entry of this.#arrivals) {
      if (entry[1].parts.every(({ length }) => length === 0)) continue;
      if (oldest === undefined || entry[1].since < oldest[1].since) oldest = entry;
    }
    return oldest;
  }

  #expire(): void {
    const now = this.#flow.clock.now();
    for (const [origin, arrivals] of [...this.#arrivals]) {
      if (arrivals.since + this.#plan.timeout > now || arrivals.parts.every(({ length }) => length === 0)) continue;
      arrivals.state = "late";
      this.#giveUp(origin, arrivals);
      this.#forget(origin, arrivals);
    }
  }
}
