import type { Clock, Kernel, KernelContext, MessageOf, OneOrMore } from "@ringline/core";
import { Cron } from "croner";
import { checkFunctions, invalid, positive } from "./check.js";
import { type StreamKernelOptions, streamKernel } from "./stream-kernel.js";
import { append, type Results } from "./window-result.js";

/** A moment of a `defineTickKernel`. */
export interface Tick {
  /** The time at which it was due, in milliseconds since the epoch. */
  readonly at: number;
  /** Number of earlier ticks of this incarnation. */
  readonly n: number;
}

/** Options of `defineTickKernel`: `every` or `cron`. */
export interface TickKernelOptions<Id extends string, O extends OneOrMore>
  extends Pick<StreamKernelOptions<Id>, "id" | "module" | "supervise"> {
  readonly output: O;
  /** Milliseconds between two ticks, more than 0. The first one is due so long after the activation. */
  readonly every?: number | undefined;
  /** Times of day as a pattern of cron with five fields, or six with the seconds first: `"0 8 * * MON-FRI"`. */
  readonly cron?: string | undefined;
  /**
   * Time zone of `cron`, such as `"Europe/Zurich"`.
   *
   * @default that of the system
   */
  readonly timezone?: string | undefined;
  /** Output of a tick. */
  readonly tick: (tick: Tick) => Results<MessageOf<O>>;
}

/** Longest wait until the kernel looks whether it is to end, in milliseconds. */
const LOOK = 1000;

/**
 * Defines a source: a kernel without input that sends messages at an interval, or at times of day. Link it to a kernel with
 * `connect`, deactivate it to pause, terminate it to cancel. Ticks that were missed, because the kernel was deactivated
 * or nobody took its output, are left out; the later ones keep their times.
 *
 * @throws `INVALID_ARGUMENT`
 *
 * @example
 * ```ts
 * export const everyMinute = defineTickKernel({
 *   id: "every-minute", module: import.meta.url, output: Poll, every: 60_000,
 *   tick: ({ at }) => Poll({ at }),
 * });
 * ```
 */
export function defineTickKernel<const Id extends string, const O extends OneOrMore>(
  options: TickKernelOptions<Id, O>,
): Kernel<Id, never, MessageOf<O>, never> {
  type Out = MessageOf<O>;
  const { output, tick } = options;
  checkFunctions({ tick });
  const times = timesOf(options);

  async function run(ctx: KernelContext<never, Out>): Promise<void> {
    await ctx.waitActive();
    const { now, next } = times(ctx.clock);
    for (let n = 0; ; n++) {
      const at = next(now());
      if (at === undefined) return;
      while (now() < at && !ctx.shouldTerminate) await pause(ctx, Math.min(at - now(), LOOK));
      if (ctx.shouldTerminate) return;
      const outputs: Out[] = [];
      append(outputs, tick({ at, n }));
      for (const message of outputs) await ctx.send(message);
    }
  }

  return streamKernel(options, { output, run }) as Kernel<Id, never, Out, never>;
}

/** Times of ticks, in milliseconds since the epoch. */
interface Times {
  now(): number;
  /** The first time after `now`; undefined if there is none. */
  next(now: number): number | undefined;
}

/** Returns the times of the options. Those of an interval begin with the call, and do not follow a clock that is set. */
function timesOf({ every, cron, timezone }: TickKernelOptions<string, OneOrMore>): (clock: Clock) => Times {
  if ((every === undefined) === (cron === undefined)) throw invalid("every", every, "Give either `every` or `cron`.");
  if (every === undefined) {
    const pattern = cronOf(cron as string, timezone);
    return (clock) => ({ now: () => wallTime(clock), next: (now) => pattern.nextRun(new Date(now))?.getTime() });
  }
  const span = positive("every", every);
  return (clock) => {
    const [start, since] = [wallTime(clock), clock.now()];
    return {
      now: () => start + (clock.now() - since),
      next: (now) => start + (Math.floor((now - start) / span) + 1) * span,
    };
  };
}

const wallTime = (clock: Clock): number => clock.wallTime?.() ?? Date.now();

function cronOf(pattern: string, timezone: string | undefined): Cron {
  try {
    const cron = new Cron(pattern, timezone === undefined ? {} : { timezone });
    cron.nextRun(new Date(0)); // which throws for a time zone that does not exist
    return cron;
  } catch (error) {
    throw invalid("cron", pattern, `This pattern cannot be read: ${(error as Error).message}.`);
  }
}

/** Resolves after so many milliseconds, or when the kernel is asked to end. */
function pause({ clock, signal }: KernelContext<never, never>, time: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(time, end);
    signal.addEventListener("abort", end);
  });
}
