/** Where time comes from. Milliseconds, monotonic. */
export interface Clock {
  now(): number;
  /** Calls back once, after `delay` milliseconds of any length, unless cancelled. */
  after(delay: number, callback: () => void): () => void;
}

/** What `setTimeout` can count to; longer delays overflow to almost none. */
const LONGEST_TIMER = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    let timer: ReturnType<typeof setTimeout>;
    const arm = (left: number) => {
      timer =
        left > LONGEST_TIMER ? setTimeout(() => arm(left - LONGEST_TIMER), LONGEST_TIMER) : setTimeout(callback, left);
    };
    arm(Math.max(0, delay));
    return () => clearTimeout(timer);
  },
};

/** Monotonic milliseconds of this place. */
export const now = (): number => systemClock.now();
