import type { Wait } from "../seam/incarnation.js";
import type { Clock } from "../time/clock.js";
import { StallWatch } from "./stall-watch.js";

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
