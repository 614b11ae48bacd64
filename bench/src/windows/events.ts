import type { Closable, Subject } from "../subject.js";

/** Milliseconds of event time of a window; an event comes every millisecond. */
export const SIZE = 1000;
const KEYS = 100;

/** An event of the workload `windows`. */
export interface Click {
  readonly at: number;
  readonly user: number;
}

/** Events of so many milliseconds, one each, in the order of time; users in an order that does not repeat with the windows. */
export function* clicks<M>(count: number, make: (click: Click) => M): Generator<M, void, void> {
  for (let at = 0; at < count; at++) yield make({ at, user: (at * 37) % KEYS });
}

/** Counts clicks by user and window. */
export interface Counter extends Closable {
  /** Counts the clicks of so many milliseconds; `seen` gets the count of each window of each user. */
  run(events: number, seen: (count: number) => void): Promise<void>;
}

export type CounterSubject = Subject<Counter>;
