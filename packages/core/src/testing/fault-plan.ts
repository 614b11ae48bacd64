import { type AnyRinglineError, errors } from "../errors/ringline-error.js";
import type { Backend } from "../seam/backend.js";

/** Moment at which a fault strikes. Without `nth`, `every` and `chance`: each time. */
export interface WhenFault {
  /**
   * Id of the kernel that the fault strikes.
   *
   * @default any kernel; each is counted separately
   */
  readonly kernelId?: string | undefined;
  /** The nth time only, counted from 1 since the runtime started, over all incarnations of the kernel. */
  readonly nth?: number | undefined;
  /** Each nth time, at least 1. */
  readonly every?: number | undefined;
  /** With this chance each time, 0 to 1, by the seed. */
  readonly chance?: number | undefined;
}

/**
 * The fault:
 * - "crash": the kernel fails when a message is delivered to it, which is then in flight
 * - "refuse": a send to the kernel fails, and is not accepted; default error: `QUEUE_FULL`
 * - "delay": the delivery of a message, and of those behind it, waits `by` milliseconds of the runtime's clock
 * - "reject-spawn": an incarnation cannot begin
 * - "lose-place": all kernels of the backend fail at once when a message is delivered to this one
 */
export type Fault = WhenFault &
  (
    | { readonly do: "crash" | "reject-spawn" | "lose-place" }
    | { readonly do: "refuse"; readonly error?: () => AnyRinglineError }
    | { readonly do: "delay"; readonly by: number }
  );

export interface InjectedFault {
  readonly do: Fault["do"];
  readonly kernelId: string;
  /** Number of the delivery, send or spawn of this kernel, counted from 1. */
  readonly nth: number;
}

export interface FaultyBackend extends Backend {
  /** Faults injected so far, oldest first. */
  readonly injected: readonly InjectedFault[];
  /** Fails all kernels of the backend, as the loss of a thread or a device does. Their supervision restarts them. */
  losePlace(): void;
}

/** Moments at which a fault can strike: a message is sent or delivered, or an incarnation starts. */
type Moment = "send" | "delivery" | "spawn";
const MOMENTS: { readonly [Do in Fault["do"]]: Moment } = {
  refuse: "send",
  crash: "delivery",
  delay: "delivery",
  "lose-place": "delivery",
  "reject-spawn": "spawn",
};

/** Decides at each moment whether a fault strikes: by the seed, the kernel and the count of the kernel alone. */
export class FaultPlan {
  readonly injected: InjectedFault[] = [];
  readonly #faults: readonly Fault[];
  readonly #counts = new Map<string, number>();
  readonly #seed: number;

  /** Throws `INVALID_ARGUMENT`. */
  constructor(faults: readonly Fault[], seed: number) {
    for (const fault of faults) check(fault);
    this.#faults = faults;
    this.#seed = seed;
  }

  /** The first fault that strikes now, if any. */
  at(moment: Moment, kernelId: string): Fault | undefined {
    const key = `${moment} ${kernelId}`;
    const nth = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, nth);
    const struck = this.#faults.find(
      (fault, index) =>
        MOMENTS[fault.do] === moment &&
        (fault.kernelId ?? kernelId) === kernelId &&
        this.#strikes(fault, nth, `${index} ${kernelId} ${nth}`),
    );
    if (struck !== undefined) this.injected.push({ do: struck.do, kernelId, nth });
    return struck;
  }

  #strikes({ nth, every, chance }: Fault, count: number, occasion: string): boolean {
    if (nth !== undefined && nth !== count) return false;
    if (every !== undefined && count % every !== 0) return false;
    return chance === undefined || randomOf(occasion, this.#seed) < chance;
  }
}

/** A number from 0 to 1, the same for the same occasion: 32-bit FNV-1a, spread by the last step of Mulberry32. */
function randomOf(occasion: string, seed: number): number {
  let bits = 0x811c9dc5 ^ seed;
  for (let i = 0; i < occasion.length; i++) bits = Math.imul(bits ^ occasion.charCodeAt(i), 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 15), 1 | bits);
  bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
}

function check(fault: Fault): void {
  const { nth, every, chance } = fault;
  const wrong = (argument: string, value: unknown) =>
    new errors.INVALID_ARGUMENT({ argument: `fault.${argument}`, value });
  if (!Object.hasOwn(MOMENTS, fault.do)) throw wrong("do", fault.do);
  if (nth !== undefined && !(Number.isSafeInteger(nth) && nth >= 1)) throw wrong("nth", nth);
  if (every !== undefined && !(Number.isSafeInteger(every) && every >= 1)) throw wrong("every", every);
  if (chance !== undefined && !(chance >= 0 && chance <= 1)) throw wrong("chance", chance);
  if (fault.do === "delay" && !(fault.by >= 0)) throw wrong("by", fault.by);
}
