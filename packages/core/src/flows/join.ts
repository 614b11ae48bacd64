import { errors } from "../errors/ringline-error.js";
import { type AnyMessage, idOf } from "../messages/any-message.js";
import { DerivedId } from "../messages/derived-id.js";
import { copyMessage, envelopeOf } from "../messages/envelope.js";
import type { WaitOptions } from "../time/wait-options.js";
import type { JoinPlan } from "../topologies/plan.js";
import { EmitQueue } from "./emit-queue.js";
import type { FlowOrigin } from "./flow-origin.js";
import type { FlowServices } from "./flow-services.js";
import type { AnyOrigin, ToDeadLetter } from "./joint-origin.js";
import { combined } from "./on-behalf-of.js";
import type { Sink } from "./sink.js";

/** The messages of one input that have arrived so far. */
interface Arrivals {
  /** By branch, in the order of arrival. */
  readonly parts: AnyMessage[][];
  /** Milliseconds at which the first of those that are held came. */
  since: number;
  /**
   * "late" after the join gave up on the input, "failed" after a branch failed: nothing of the input is joined any
   * more.
   */
  state: "open" | "late" | "failed";
}

/**
 * Branches of one input meet again. Several messages of one branch for one input are paired in the order in which they
 * come. A branch that has passed without a message, and the end of the time-out, make dead letters of what has come.
 */
export class Join {
  readonly #plan: JoinPlan;
  readonly #node: number;
  readonly #branches: readonly string[];
  readonly #firstRegion: number;
  readonly #flow: FlowServices;
  readonly #emitQueue: EmitQueue;
  /** In a durable flow. */
  readonly #isKept: boolean;
  /** In the order of the first arrival, as all wait equally long. */
  readonly #arrivals = new Map<FlowOrigin, Arrivals>();
  #stopTimer: (() => void) | undefined;
  /** Set once the flow has ended: what waited at the door then is not taken. */
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

  /** The end of a branch. */
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

  /** Nothing more of the input comes by a branch. */
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

  /** Messages that wait for those of other branches. */
  get size(): number {
    let size = 0;
    for (const { parts } of this.#arrivals.values()) for (const { length } of parts) size += length;
    return size;
  }

  /** The input failed before it came here. False when that is known already: one failure is told. */
  fail(origin: FlowOrigin): boolean {
    const arrivals = this.#arrivalsOf(origin);
    if (arrivals.state === "failed") return false;
    arrivals.state = "failed";
    for (const parts of arrivals.parts) for (const _ of parts.splice(0)) origin.leave(this.#node);
    this.#forget(origin, arrivals);
    return true;
  }

  /** Makes dead letters of what is held, as the flow ends or cancels inputs. */
  abandon(toDeadLetter: ToDeadLetter, which: (origin: FlowOrigin) => boolean): void {
    for (const [origin, { parts }] of [...this.#arrivals]) {
      if (!which(origin)) continue;
      for (const message of parts.flatMap((list) => list.splice(0))) toDeadLetter(message, origin, this.#node);
    }
  }

  /** The flow has ended: nothing is held any more. */
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

  /** Id under which another program may join the same messages once more. */
  #named(joined: AnyMessage, parts: readonly AnyMessage[]): AnyMessage {
    if (!this.#isKept || typeof idOf(joined) !== "number" || parts.includes(joined)) return joined;
    const id = new DerivedId(() => parts.map(({ messageId }) => messageId).join(" "), this.#plan.name, 0);
    return copyMessage(joined, { ...envelopeOf(joined), id });
  }

  /** Some branch has passed and left nothing to pair with. */
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

  /** Once all branches have passed, nothing is to be known about the input any more. */
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
