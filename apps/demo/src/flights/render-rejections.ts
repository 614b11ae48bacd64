import { count } from "../text/numbers.js";
import type { Rejection } from "./rejections.js";

/** Dead letters by reason, with one of each. Empty without any. */
export function renderRejections(rejections: readonly Rejection[]): string {
  if (rejections.length === 0) return "";
  const lines = rejections.map(
    ({ kernelId, code, message, count: times, example }) =>
      `  ${count(times)} × ${code} in ${kernelId}: ${message}\n      such as ${JSON.stringify((example as { row?: unknown }).row)}\n`,
  );
  return `Dead letters\n${lines.join("")}`;
}
