import { errors } from "@ringline/core";
import type { Key } from "./pane.js";
import { TimeQueue } from "./time-queue.js";
import { Watermark } from "./watermark.js";
import { append, type Results } from "./window-result.js";

export interface JoinPlan<L, R, O> {
  readonly within: number;
  readonly outOfOrder: number;
  readonly join: (left: L, right: R) => Results<O>;
  readonly unmatched: ((event: L | R) => Results<O>) | undefined;
}

type Side = "left" | "right";

/** An event that others may still match. */
interface Held<E> {
  readonly key: Key;
  readonly time: number;
  readonly event: E;
  isMatched: boolean;
}

/** Events of two streams that others may still match, of one incarnation of a kernel. */
export class JoinOperator<L, R, O> {
  readonly #plan: JoinPlan<L, R, O>;
  readonly #kernelId: string;
  readonly #byKey = new Map<Key, Readonly<Record<Side, Set<Held<L | R>>>>>();
  readonly #ends = new TimeQueue<Held<L | R>>();
  #watermark: Watermark;

  constructor(plan: JoinPlan<L, R, O>, kernelId: string) {
    this.#plan = plan;
    this.#kernelId = kernelId;
    this.#watermark = this.#newWatermark();
  }

  /** Adds an event. Returns the outputs of its pairs, and of events that nothing can match any more. Throws `LATE_DATA`. */
  accept(event: L | R, side: Side, key: Key, time: number): O[] {
    const { within, join } = this.#plan;
    const watermark = this.#watermark.time;
    if (time + within < watermark) throw new errors.LATE_DATA({ time, watermark }, { kernelId: this.#kernelId });
    const sides = this.#byKey.get(key) ?? { left: new Set(), right: new Set() };
    const outputs: O[] = [];
    const others = sides[side === "left" ? "right" : "left"];
    const matches = [...others].filter((other) => Math.abs(other.time - time) <= within);
    for (const { event: other } of matches) {
      append(outputs, side === "left" ? join(event as L, other as R) : join(other as L, event as R));
    }
    for (const other of matches) other.isMatched = true;
    const held = { key, time, event, isMatched: matches.length > 0 };
    sides[side].add(held);
    this.#byKey.set(key, sides);
    this.#ends.add(time + within, held);
    if (this.#watermark.observe(side, time)) this.#expire(this.#watermark.time, outputs);
    return outputs;
  }

  /** Ends both streams and restarts. Returns the outputs of events that have met no other. */
  end(): O[] {
    this.#watermark = this.#newWatermark();
    return this.#expire(Number.POSITIVE_INFINITY, []);
  }

  /** Drops events that nothing can match once the watermark has reached this time. */
  #expire(watermark: number, outputs: O[]): O[] {
    const { unmatched } = this.#plan;
    // an event of exactly this time can still come
    for (let held = this.#ends.takeBefore(watermark); held !== undefined; held = this.#ends.takeBefore(watermark)) {
      const { left, right } = this.#byKey.get(held.key) as Record<Side, Set<Held<L | R>>>;
      left.delete(held);
      right.delete(held);
      if (left.size + right.size === 0) this.#byKey.delete(held.key);
      if (!held.isMatched && unmatched !== undefined) append(outputs, unmatched(held.event));
    }
    return outputs;
  }

  #newWatermark(): Watermark {
    return new Watermark(this.#plan.outOfOrder, Number.POSITIVE_INFINITY, undefined, 2);
  }
}
