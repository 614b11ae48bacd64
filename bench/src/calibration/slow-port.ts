import { MemoryPort } from "@ringline/core/backend";
import type { AnyMessage } from "@ringline/core/internal";

/** Nanoseconds by which a message is held up at each port that it leaves. Loaded by `--import`, before the bench. */
const DELAY = Number(process.env["RINGLINE_BENCH_DELAY"] ?? 0);

/** Exported, so that no tool takes the work away. */
export let sink = 0;
function spin(rounds: number): void {
  let value = sink;
  for (let round = 0; round < rounds; round++) value = (Math.imul(value, 1664525) + 1013904223) | 0;
  sink = value;
}

/** Rounds of `spin` in so many nanoseconds. */
function roundsIn(nanoseconds: number): number {
  const rounds = 1_000_000;
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 20; run++) {
    const begun = performance.now();
    spin(rounds);
    best = Math.min(best, performance.now() - begun);
  }
  return Math.round((nanoseconds * rounds) / (best * 1e6));
}

if (DELAY > 0) {
  const rounds = roundsIn(DELAY);
  const tryTake = MemoryPort.prototype.tryTake;
  MemoryPort.prototype.tryTake = function slowTake(this: MemoryPort): AnyMessage | undefined {
    const message = tryTake.call(this);
    if (message !== undefined) spin(rounds);
    return message;
  };
}
