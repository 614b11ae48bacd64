import { invalid, positive } from "./check.js";

/**
 * Windows of a fixed length that begin every `every` milliseconds of event time. With `every` below `size` they overlap,
 * and an event belongs to several.
 */
export interface AlignedWindow {
  readonly kind: "aligned";
  readonly size: number;
  readonly every: number;
  readonly offset: number;
}

/** Windows that end when no event of their key has come for `gap` milliseconds of event time. */
export interface SessionWindow {
  readonly kind: "session";
  readonly gap: number;
}

export type Window = AlignedWindow | SessionWindow;

/**
 * Windows that follow each other without overlap: `[0, size)`, `[size, 2 × size)`, …, moved by `offset`.
 *
 * @param size - length in milliseconds, more than 0
 * @param options - `offset`: milliseconds by which the windows are moved; default 0, which is the epoch
 * @throws `INVALID_ARGUMENT`
 */
export function tumbling(size: number, { offset = 0 }: { readonly offset?: number | undefined } = {}): AlignedWindow {
  return sliding(size, { every: size, offset });
}

/**
 * Windows of `size` milliseconds, a new one every `every` milliseconds. An event belongs to all windows that cover its
 * time, `size / every` of them.
 *
 * @param size - length in milliseconds, more than 0
 * @param options - `every`: milliseconds between the beginnings, more than 0 and at most `size`; `offset` as for `tumbling`
 * @throws `INVALID_ARGUMENT`
 */
export function sliding(
  size: number,
  { every, offset = 0 }: { readonly every: number; readonly offset?: number | undefined },
): AlignedWindow {
  positive("size", size);
  positive("every", every);
  if (every > size) throw invalid("every", every, "Windows that are further apart than they are long lose events.");
  if (!Number.isFinite(offset)) throw invalid("offset", offset, "`offset` is a number of milliseconds.");
  return { kind: "aligned", size, every, offset };
}

/**
 * Windows of activity: each begins with an event of its key, and ends when none has come for `gap` milliseconds.
 *
 * @param gap - milliseconds, more than 0
 * @throws `INVALID_ARGUMENT`
 */
export function session(gap: number): SessionWindow {
  positive("gap", gap);
  return { kind: "session", gap };
}
