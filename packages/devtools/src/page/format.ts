import type { NodeView } from "../watch/model.js";

export { count, duration, many } from "../watch/words.js";

/** Messages per second, short: "0", "3.4/s", "1.2k/s". */
export function rateOf(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(1)}M/s`;
  if (rate >= 10_000) return `${Math.round(rate / 1000)}k/s`;
  if (rate >= 1000) return `${(rate / 1000).toFixed(1)}k/s`;
  return `${rate >= 100 || rate === 0 ? Math.round(rate) : rate.toFixed(1)}/s`;
}

/** Milliseconds, short: "3 µs", "1.2 ms", "4.5 s". */
export function timeOf(ms: number): string {
  if (ms === 0) return "–";
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

export const clock = (at: number): string => new Date(at).toLocaleTimeString("en-GB");
export const stamp = (at: number): string => new Date(at).toLocaleString("en-GB");

/** The place of a node, in words. */
export function placeOf({ backend, threads, device, kind }: NodeView): string {
  if (kind !== "kernel") return kind;
  const thread = threads.length === 0 ? "" : ` · thread ${threads.join(", ")}`;
  return `${backend ?? "host"}${thread}${device === null ? "" : ` · ${device}`}`;
}

/** Share of the queue that is full, 0 to 1. */
export const fillOf = ({ queued, capacity }: NodeView): number => (capacity === 0 ? 0 : Math.min(1, queued / capacity));
