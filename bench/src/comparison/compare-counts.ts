import type { CountRow } from "../counts/count-row.js";

/** One count of one subject, in both reports. */
export interface ComparedCount {
  readonly subject: string;
  readonly counted: string;
  readonly before: number;
  readonly after: number;
  readonly verdict: "more" | "less" | "same";
}

/** Tolerance between counts of the same code: a share, and at least so much. */
const SHARE = 0.01;
const LEAST: Readonly<Record<string, number>> = {
  "bytes allocated": 30,
  promises: 0.1,
  // they depend on who sleeps when
  "wake-ups": 0.1,
  "atomic writes": 0.5,
  "bytes set": 8,
};

/** Counts of which a message takes more or fewer; no clock is involved, so that a busy machine changes nothing. */
export function compareCounts(before: readonly CountRow[], after: readonly CountRow[]): readonly ComparedCount[] {
  return before.flatMap(({ name, counts }) => {
    const now = after.find((row) => row.name === name)?.counts;
    return Object.entries(counts).flatMap(([counted, was]): ComparedCount[] => {
      const is = now?.[counted];
      if (is === undefined) return [];
      const allowed = Math.max(LEAST[counted] ?? 0, SHARE * was);
      const verdict = is - was > allowed ? "more" : was - is > allowed ? "less" : "same";
      return [{ subject: name, counted, before: was, after: is, verdict }];
    });
  });
}
