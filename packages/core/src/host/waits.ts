import type { Wait } from "../seam/incarnation.js";
import type { Clock } from "../time/clock.js";

/** Kinds of waits for other kernels. */
type Kind = "output" | "room";

/** The current waits of a body, counted by the kernel that can end them. */
export class Waits {
  readonly #counts: Readonly<Record<Kind, Map<string, number>>> = { output: new Map(), room: new Map() };
  /** Requests, by the kernel that they wait for. */
  readonly #requests = new Map<string, StallWatch>();
  readonly #clock: Clock;
  readonly #stalled: (peer: string) => void;

  constructor(clock: Clock, stalled: (peer: string) => void) {
    this.#clock = clock;
    this.#stalled = stalled;
  }

  /** Waits for an answer of a kernel. */
  async forAnswer<T>(kernelId: string, answer: Promise<T>): Promise<T> {
    let requests = this.#requests.get(kernelId);
    if (requests === undefined) {
      requests = new StallWatch(this.#clock, () => this.#stalled(kernelId));
      this.#requests.set(kernelId, requests);
    }
    requests.begin();
    try {
      return await answer;
    } finally {
      requests.end();
    }
  }

  /** Cancels all timers. */
  stop(): void {
    for (const requests of this.#requests.values()) requests.stop();
  }

  begin(kind: Kind, kernelId: string): void {
    const counts = this.#counts[kind];
    counts.set(kernelId, (counts.get(kernelId) ?? 0) + 1);
  }

  end(kind: Kind, kernelId: string): void {
    const counts = this.#counts[kind];
    const left = (counts.get(kernelId) ?? 0) - 1;
    if (left > 0) counts.set(kernelId, left);
    else counts.delete(kernelId);
  }

  list(): Wait[] {
    const answers = [...this.#requests].filter(([, { waiting }]) => waiting > 0);
    return [
      ...answers.map(([kernelId, { waiting }]): Wait => ({ for: "answer", kernelId, count: waiting })),
      ...(["output", "room"] as const).flatMap((kind) =>
        [...this.#counts[kind]].map(([kernelId, count]): Wait => ({ for: kind, kernelId, count })),
      ),
    ];
  }
}

/** Milliseconds without progress after which a kernel counts as stalled. */
const STALLED_AFTER = 1000;
/** Number of checks in that time. */
const CHECKS = 4;

/**
 * Detects that outputs wait and none is accepted. One timer, which runs only while something waits: outputs may wait
 * one by one, a million times a minute.
 */
export class StallWatch {
  readonly #clock: Clock;
  readonly #stalled: () => void;
  #waiting = 0;
  #accepted = 0;
  /** `#accepted` when `#checks` was last reset. */
  #seen = 0;
  #checks = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, stalled: () => void) {
    this.#clock = clock;
    this.#stalled = stalled;
  }

  /** Number of waiting outputs. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Begins the wait of an output. */
  begin(): void {
    this.#waiting++;
    if (this.#cancel === undefined) this.#watch();
  }

  /** Ends a wait, for whatever reason. */
  end(): void {
    this.#waiting--;
    this.#accepted++;
  }

  /** Cancels the timer. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #watch(): void {
    this.#seen = this.#accepted;
    this.#checks = 0;
    this.#arm();
  }

  #arm(): void {
    this.#cancel = this.#clock.after(STALLED_AFTER / CHECKS, this.#check);
  }

  readonly #check = (): void => {
    this.#cancel = undefined;
    if (this.#waiting === 0) return;
    if (this.#seen !== this.#accepted) {
      this.#watch();
    } else {
      if (++this.#checks === CHECKS) this.#stalled(); // once, until an output is accepted
      this.#arm();
    }
  };
}
