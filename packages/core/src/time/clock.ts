/** A source of time. Milliseconds, monotonic. */
export interface Clock {
  now(): number;
  /** Calls back once, after `delay` milliseconds of any length and never before, unless cancelled. */
  after(delay: number, callback: () => void): () => void;
  /** Milliseconds since the epoch, for times of day. Default: `Date.now()`. */
  wallTime?(): number;
}

/** Milliseconds since the epoch by a clock. */
export const wallTime = (clock: Clock): number => clock.wallTime?.() ?? Date.now();

/**
 * Longest delay of `setTimeout`; longer ones overflow to almost none. A timer may also fire up to a millisecond
 * early.
 */
const LONGEST_TIMER = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const due = performance.now() + delay;
    let timer: ReturnType<typeof setTimeout>;
    const arm = (left: number) => {
      timer = setTimeout(look, Math.min(left, LONGEST_TIMER));
    };
    const look = () => {
      const left = due - performance.now();
      if (left > 0) arm(left);
      else callback();
    };
    arm(Math.max(0, delay));
    return () => clearTimeout(timer);
  },
};

/** Monotonic milliseconds of this place. */
export const now = (): number => systemClock.now();

/** Clocks that replace the system clock, the latest last. */
const overrides: Clock[] = [];

/** Milliseconds by which messages of this place expire. */
export const messageTime = (): number => (overrides.at(-1) ?? systemClock).now();

/** Makes the messages of this place expire by another clock, as tests do. Returns a function that undoes it. */
export function expireBy(clock: Clock): () => void {
  if (clock === systemClock) return () => {};
  overrides.push(clock);
  return () => {
    const index = overrides.lastIndexOf(clock);
    if (index >= 0) overrides.splice(index, 1);
  };
}
