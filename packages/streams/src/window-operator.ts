import { AlignedPanes } from "./aligned-panes.js";
import type { Aggregate, Firing, Key, Pane, Panes } from "./pane.js";
import { SessionPanes } from "./session-panes.js";
import { type SavedWatermark, Watermark } from "./watermark.js";
import type { Window } from "./window.js";
import { append, type Results, type WindowInfo } from "./window-result.js";

export interface WindowPlan<E, A, R> {
  readonly window: Window;
  readonly firing: Firing;
  readonly aggregate: Aggregate<E, A>;
  readonly outOfOrder: number;
  readonly idle: number;
  readonly result: (value: A, window: WindowInfo) => Results<R>;
}

/** Open windows and their watermark, as data for a checkpoint. */
export interface SavedWindows<A> {
  readonly panes: readonly Pane<A>[];
  readonly watermark: SavedWatermark;
}

/** Windows of one incarnation of a kernel. */
export class WindowOperator<E, A, R> {
  readonly #plan: WindowPlan<E, A, R>;
  #panes: Panes<E, A>;
  #watermark: Watermark;

  constructor(plan: WindowPlan<E, A, R>, saved: SavedWindows<A> | undefined) {
    this.#plan = plan;
    this.#panes = this.#newPanes();
    this.#watermark = new Watermark(plan.outOfOrder, plan.idle, saved?.watermark);
    if (saved !== undefined) this.#panes.restore(saved.panes, this.#watermark.time);
  }

  get watermark(): number {
    return this.#watermark.time;
  }

  isLate(key: Key, time: number): boolean {
    return this.#panes.isLate(key, time);
  }

  /** Adds an event that is not late. Returns the results that it causes, in the order of their windows' ends. */
  accept(event: E, key: Key, time: number, source: Key): readonly R[] | undefined {
    const before = this.#watermark.time;
    const now = this.#panes.add(key, time, event);
    const hasAdvanced = this.#watermark.observe(source, time);
    const passed = hasAdvanced ? this.#panes.advance(this.#watermark.time) : NONE;
    if (now.length === 0 && passed.length === 0) return undefined;
    const results: R[] = [];
    for (const pane of now) {
      if (pane.to <= before) this.#fire(pane, "late", results);
      else if (!passed.includes(pane)) this.#fire(pane, "early", results);
    }
    for (const pane of passed) this.#fire(pane, "on-time", results);
    return results;
  }

  /** Closes all windows, as the events have ended, and restarts. Returns their results. */
  end(): readonly R[] {
    const results: R[] = [];
    for (const pane of this.#panes.advance(Number.POSITIVE_INFINITY)) this.#fire(pane, "on-time", results);
    this.#panes = this.#newPanes();
    this.#watermark = new Watermark(this.#plan.outOfOrder, this.#plan.idle);
    return results;
  }

  save(): SavedWindows<A> {
    return { panes: this.#panes.save(), watermark: this.#watermark.save() };
  }

  #fire(pane: Pane<A>, firing: WindowInfo["firing"], results: R[]): void {
    const { key, from, to, value, count } = pane;
    append(results, this.#plan.result(value, { key, from, to, count, revision: pane.fired++, firing }));
  }

  #newPanes(): Panes<E, A> {
    const { window, firing, aggregate } = this.#plan;
    return window.kind === "session"
      ? new SessionPanes(window, firing, aggregate)
      : new AlignedPanes(window, firing, aggregate);
  }
}

const NONE: readonly never[] = [];
