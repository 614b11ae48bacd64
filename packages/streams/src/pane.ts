export type Key = string | number;

/** One window of one key, with the value of its events so far. */
export interface Pane<A> {
  readonly key: Key;
  from: number;
  /** First millisecond that does not belong to the window. */
  to: number;
  value: A;
  /** Events so far. */
  count: number;
  /** Results so far. */
  fired: number;
}

/** Functions by which the events of a window become one value. */
export interface Aggregate<E, A> {
  readonly initial: () => A;
  readonly add: (value: A, event: E) => A;
  /** Joins the values of two sessions that an event connects. */
  readonly merge: (a: A, b: A) => A;
}

/** Rules for results beside the one when the watermark passes a window. */
export interface Firing {
  /** Milliseconds of event time that a window accepts events after the watermark has passed it. */
  readonly lateness: number;
  /** A window has an early result after every so many events; Infinity for none. */
  readonly early: number;
}

/** The open windows of a kernel. */
export interface Panes<E, A> {
  /** True if an event belongs to no window that still accepts events. */
  isLate(key: Key, time: number): boolean;
  /**
   * Adds an event to its windows. Returns those with a result at once: early ones, and those that the watermark has
   * passed already. An error of the aggregate leaves all windows as they were.
   */
  add(key: Key, time: number, event: E): readonly Pane<A>[];
  /** Returns the windows that the watermark passes, in the order of their ends. */
  advance(watermark: number): readonly Pane<A>[];
  /** Copies of all open windows. */
  save(): Pane<A>[];
  restore(panes: readonly Pane<A>[], watermark: number): void;
}
