import { type Complete, checkOptions, completed, givenOf } from "../errors/check-options.js";
import { errors } from "../errors/ringline-error.js";

/** Policy for the end of an incarnation. */
export interface Supervision {
  /**
   * Restart of the kernel: never, after a failure, or after every end that was not requested.
   *
   * @default "never"
   */
  readonly restart?: "never" | "on-failure" | "always" | undefined;
  /**
   * Restart budget. The kernel gives up when it would restart more than `max` times (a whole number, 0 or more) within
   * `window` milliseconds; it has then failed, and its messages become dead letters.
   *
   * @default `{ max: 3, window: 60_000 }`
   */
  readonly limit?: { readonly max: number; readonly window: number } | undefined;
  /**
   * Delay before each restart.
   *
   * @default `{ initial: 100, factor: 2, max: 10_000, jitter: 0.2 }`
   */
  readonly backoff?: Backoff | undefined;
  /**
   * Policy for messages in flight at a crash; a retry is at least once. Outputs of a kernel that retries have an id
   * derived from the id of the input, the kernel's id and the index of the output (UUID version 8), so that receivers
   * can detect duplicates.
   *
   * @default "dead-letter"
   */
  readonly onCrash?: "dead-letter" | "retry" | undefined;
  /**
   * Moment at which outputs leave: as they are sent, or when their input settles, so that a retry sends none twice. If
   * one of them is rejected then, a retry by `onError` resumes with that one and does not call the body again. "commit"
   * needs `ack: "auto"`.
   *
   * @default "immediate"
   */
  readonly effects?: "immediate" | "commit" | undefined;
}

/** A supervision with all defaults filled in. */
export interface SupervisionPlan extends Complete<Supervision> {
  readonly backoff: Complete<Backoff>;
}

/** Delays between attempts. */
export interface Backoff {
  /** Milliseconds before the second attempt. */
  readonly initial: number;
  /**
   * Factor by which each delay grows, at least 1.
   *
   * @default 2
   */
  readonly factor?: number | undefined;
  /**
   * Longest delay in milliseconds.
   *
   * @default 10_000
   */
  readonly max?: number | undefined;
  /**
   * Random share of the delay, 0 to 1.
   *
   * @default 0.2
   */
  readonly jitter?: number | undefined;
}

export const DEFAULT_BACKOFF: Complete<Backoff> = Object.freeze({ initial: 100, factor: 2, max: 10_000, jitter: 0.2 });

export const NO_SUPERVISION: SupervisionPlan = Object.freeze({
  restart: "never",
  limit: Object.freeze({ max: 3, window: 60_000 }),
  backoff: DEFAULT_BACKOFF,
  onCrash: "dead-letter",
  effects: "immediate",
});

const CHOICES = {
  restart: ["never", "on-failure", "always"],
  onCrash: ["dead-letter", "retry"],
  effects: ["immediate", "commit"],
} as const;

/** Completes `options` from `base`. Throws `INVALID_ARGUMENT`. */
export function planSupervision(options: Supervision | undefined, base = NO_SUPERVISION): SupervisionPlan {
  if (options === undefined) return base;
  if (["one-for-one", "all-for-one"].includes(options as string)) {
    const remedy = `"${options}" is an option of a topology: \`pipeline(name, { supervise: "${options}" })\`. A kernel takes { restart, limit, backoff, onCrash, effects }.`;
    throw new errors.INVALID_ARGUMENT({ argument: "supervise", value: options }, { remedy });
  }
  checkOptions(options, Object.keys(NO_SUPERVISION), "`supervise`", { path: "supervise." });
  for (const option of ["limit", "backoff"] as const) {
    const { [option]: value } = options;
    const known = Object.keys(NO_SUPERVISION[option]);
    if (value !== undefined) checkOptions(value, known, `\`supervise.${option}\``, { path: `supervise.${option}.` });
  }
  const given = givenOf(options) as Partial<SupervisionPlan>;
  const plan = { ...base, ...given, backoff: checkBackoff(given.backoff ?? base.backoff, base.backoff) };
  for (const [option, choices] of Object.entries(CHOICES)) {
    const value = plan[option as keyof typeof CHOICES];
    if (!(choices as readonly string[]).includes(value)) throw wrong(option, value);
  }
  const { max, window } = plan.limit;
  if (!(Number.isSafeInteger(max) && max >= 0)) throw wrong("limit.max", max);
  if (!(typeof window === "number" && window > 0)) throw wrong("limit.window", window);
  return plan;
}

/**
 * Rejects "commit" with manual settlement: messages that settle in any order give no way to assign outputs to them.
 * Throws `INVALID_ARGUMENT`.
 */
export function checkCommit(plan: SupervisionPlan, ack: "auto" | "manual"): SupervisionPlan {
  if (plan.effects === "commit" && ack === "manual") throw wrong("effects", plan.effects);
  return plan;
}

/** Throws `INVALID_ARGUMENT` for a value that is out of range. */
export function checkBackoff(backoff: Backoff, base = DEFAULT_BACKOFF): Complete<Backoff> {
  const complete = completed(base, backoff);
  const ranges = {
    initial: [0, Number.MAX_VALUE],
    factor: [1, 1e6],
    max: [0, Number.MAX_VALUE],
    jitter: [0, 1],
  } as const;
  for (const [name, [low, high]] of Object.entries(ranges)) {
    const value = complete[name as keyof Backoff];
    if (!(typeof value === "number" && value >= low && value <= high)) {
      throw new errors.INVALID_ARGUMENT({ argument: `backoff.${name}`, value });
    }
  }
  return complete;
}

/** Milliseconds before attempt number `attempt`, which is 2 for the first retry. */
export function delayBefore(attempt: number, backoff: Complete<Backoff>, chance: () => number = Math.random): number {
  const growth = Math.min(backoff.factor ** (attempt - 2), Number.MAX_VALUE); // Infinity times 0 is not a number
  const delay = Math.min(backoff.max, backoff.initial * growth);
  return delay * (1 - backoff.jitter * chance());
}

function wrong(option: string, value: unknown) {
  return new errors.INVALID_ARGUMENT({ argument: `supervise.${option}`, value });
}
