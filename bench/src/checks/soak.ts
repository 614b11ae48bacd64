import type { BackendName } from "../backends.js";
import { collectedHeap } from "../process/collect-garbage.js";
import { median } from "../stats/quantile.js";
import type { SoakLine, SoakWay } from "./soak-ways.js";

/** One look at a long run; memory in bytes, after garbage was collected. */
export interface SoakPoint extends Memory {
  /** Since the start. */
  readonly second: number;
  /** Messages a second since the last look. */
  readonly perSecond: number;
}

/** In bytes. */
export interface Memory {
  /** Collected heap of the main thread. */
  readonly heap: number;
  /** Array buffers of the main thread, shared ones included. */
  readonly buffers: number;
  /** Of the whole process, all threads. */
  readonly resident: number;
}

export interface SoakReport {
  readonly backend: BackendName;
  readonly way: SoakWay;
  /** Wanted; the points say how far it came. */
  readonly seconds: number;
  readonly messages: number;
  readonly points: readonly SoakPoint[];
  /** From the median of the first third after warming up to that of the last third; null where it was too short to tell. */
  readonly growth: Memory | null;
}

export interface SoakOptions {
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (second: number) => void;
}

/** Bytes that each kind of memory may grow by. Allocators keep some of what they had; a leak of 1 % of 3 KB messages is more. */
export const SOAK_LIMIT: Memory = { heap: 5_000_000, buffers: 16_000_000, resident: 64_000_000 };

/** Looks in the whole run. */
const LOOKS = 60;
/** Seconds, and share of the run where that is less, until compiled code, pools and allocators have their size. */
const WARM_UP = 120;
const WARM_UP_SHARE = 0.25;
/** Bytes of a message, and messages of that size in a round. */
const ROUNDS = [
  { size: 64, count: 2000 },
  { size: 3 * 1024, count: 500 },
  { size: 1024 * 1024, count: 10 },
] as const;

/** Messages of three sizes in turns, without a pause; every round is counted, and the ledgers checked. */
export async function soak(
  backend: BackendName,
  way: SoakWay,
  open: () => Promise<SoakLine>,
  { seconds, signal, onProgress }: SoakOptions,
): Promise<SoakReport> {
  const line = await open();
  const points: SoakPoint[] = [];
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let messages = 0;
  let last = { second: 0, messages: 0 };
  try {
    while (elapsed() < seconds && !signal.aborted) {
      for (const { size, count } of ROUNDS) {
        await line.run(count, size);
        messages += count;
      }
      const second = elapsed();
      onProgress?.(Math.floor(second));
      if (second - last.second < seconds / LOOKS) continue;
      const perSecond = (messages - last.messages) / (second - last.second);
      const heap = await collectedHeap();
      const { arrayBuffers: buffers, rss: resident } = process.memoryUsage();
      points.push({ second, perSecond, heap, buffers, resident });
      last = { second: elapsed(), messages };
    }
    return { backend, way, seconds, messages, points, growth: growthOf(points, seconds) };
  } finally {
    await line.close();
  }
}

/** The kinds of memory that grew beyond their limit, with the bytes; none where all stayed flat. */
export function grownMemory({ growth }: SoakReport): readonly string[] {
  if (growth === null) return [];
  const kinds = ["heap", "buffers", "resident"] as const;
  return kinds.filter((kind) => growth[kind] > SOAK_LIMIT[kind]).map((kind) => `${kind} by ${growth[kind]} bytes`);
}

function growthOf(points: readonly SoakPoint[], seconds: number): Memory | null {
  const settled = points.filter(({ second }) => second >= Math.min(WARM_UP, WARM_UP_SHARE * seconds));
  const third = Math.floor(settled.length / 3);
  if (third === 0) return null;
  const grown = (kind: keyof Memory) =>
    median(settled.slice(-third).map((point) => point[kind])) -
    median(settled.slice(0, third).map((point) => point[kind]));
  return { heap: grown("heap"), buffers: grown("buffers"), resident: grown("resident") };
}
