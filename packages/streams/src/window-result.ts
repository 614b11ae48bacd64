/** A window with a result. */
export interface WindowInfo {
  /** Key of the window's events; `""` for a kernel without `key`. */
  readonly key: string | number;
  /** First millisecond of the window: of a session, the time of its first event. */
  readonly from: number;
  /** First millisecond after the window: of a session, `gap` after its last event. */
  readonly to: number;
  /** Number of events so far. */
  readonly count: number;
  /** Number of results before this one. */
  readonly revision: number;
  /** "early" before the watermark passes the window, "on-time" then, "late" for an event that came after that. */
  readonly firing: "early" | "on-time" | "late";
}

/** One message, several, or undefined for none. */
export type Results<Out> = Out | readonly Out[] | undefined;

/** Appends results to a list. */
export function append<Out>(list: Out[], results: Results<Out>): void {
  if (Array.isArray(results)) list.push(...results);
  else if (results !== undefined) list.push(results as Out);
}
