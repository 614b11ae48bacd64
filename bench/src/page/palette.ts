import type { Series } from "./chart-parts.js";

const BACKENDS: Readonly<Record<string, number>> = { "in-process": 1, "worker-threads": 2, webgpu: 3, nats: 4 };

/** A backend always has its own colour. */
export const backendSeries = (name: string): Series => ({ name, color: BACKENDS[name] ?? "plain" });

const OURS = /^(ringline|thread|cpu-kernels|hand-over|one-producer|three-producers)/;

/** Ours are told from others by their colour, by the backend that they run on. */
export function subjectSeries(name: string): Series {
  if (!OURS.test(name)) return { name, color: "plain" };
  return { name, color: name.startsWith("ringline") ? 1 : 2 };
}
