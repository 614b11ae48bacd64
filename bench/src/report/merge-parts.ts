import { median } from "../stats/quantile.js";
import type { SubjectCosts } from "./report.js";

export function mergeCosts(all: readonly SubjectCosts[]): SubjectCosts | null {
  if (all.length === 0) return null;
  const perMessage = all.flatMap(({ cpuPerMessage }) => cpuPerMessage ?? []);
  return {
    cpuPerMessage: perMessage.length === 0 ? null : median(perMessage),
    cores: median(all.map(({ cores }) => cores)),
    gcShare: median(all.map(({ gcShare }) => gcShare)),
    heap: median(all.map(({ heap }) => heap)),
  };
}

export function mergeDelivered(some: readonly (number | null | undefined)[]): number | null {
  const all = some.filter((one) => one !== null && one !== undefined);
  return all.length === 0 ? null : median(all);
}
