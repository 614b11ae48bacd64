import type { BackendName } from "../backends.js";
import { openPattern } from "../patterns/open-pattern.js";
import { collectedHeap } from "../process/collect-garbage.js";

/** One look at a long run. */
export interface SoakPoint {
  /** Since the start. */
  readonly second: number;
  /** Messages a second since the last look. */
  readonly perSecond: number;
  /** Bytes of collected heap. */
  readonly heap: number;
  /** Bytes of the whole process. */
  readonly resident: number;
}

export interface SoakReport {
  readonly backend: BackendName;
  /** Wanted; the points say how far it came. */
  readonly seconds: number;
  readonly messages: number;
  readonly points: readonly SoakPoint[];
  /** Bytes of heap from the first quarter's median to the last quarter's. */
  readonly growth: number;
}

export interface SoakOptions {
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (second: number) => void;
}

/** Looks in the whole run. */
const LOOKS = 60;
/** Messages between two looks at the clock. */
const ROUND = 2000;

/** Objects of 1 KB through two stages, one in ten failing, without a pause; every round is counted, and the ledgers checked. */
export async function soak(backend: BackendName, { seconds, signal, onProgress }: SoakOptions): Promise<SoakReport> {
  const running = await openPattern(backend, { pattern: "resilient", payload: "1KB", work: "none" });
  const points: SoakPoint[] = [];
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let messages = 0;
  let last = { second: 0, messages: 0 };
  try {
    while (elapsed() < seconds && !signal.aborted) {
      const { outputs } = await running.run(ROUND);
      if (outputs !== ROUND) throw new Error(`soak, ${backend}: ${outputs} outputs of ${ROUND} messages`);
      await running.check();
      messages += ROUND;
      const second = elapsed();
      onProgress?.(Math.floor(second));
      if (second - last.second < seconds / LOOKS) continue;
      const perSecond = (messages - last.messages) / (second - last.second);
      const heap = await collectedHeap();
      points.push({ second, perSecond, heap, resident: process.memoryUsage().rss });
      last = { second: elapsed(), messages };
    }
    return { backend, seconds, messages, points, growth: growthOf(points) };
  } finally {
    await running.close();
  }
}

function growthOf(points: readonly SoakPoint[]): number {
  const quarter = Math.ceil(points.length / 4);
  if (quarter === 0) return 0;
  const heaps = points.map(({ heap }) => heap);
  const middle = (some: readonly number[]) => [...some].sort((a, b) => a - b)[Math.floor(some.length / 2)] as number;
  return middle(heaps.slice(-quarter)) - middle(heaps.slice(0, quarter));
}
