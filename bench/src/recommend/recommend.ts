import { formatNumber } from "../report/format.js";
import type { Found, Tried, Way } from "./trial.js";

export interface Recommendation {
  readonly way: Way;
  /** In words, one after the other. */
  readonly reasons: readonly string[];
}

/** Less than this is not worth a thread or a device, nor more at once: a share of the fastest. */
const WORTH = 0.9;

/**
 * The fastest, unless something simpler is nearly as fast: in process before threads before a device, fewer threads
 * before more, fewer inputs at once before more. A device in software says nothing about a device, so it is left out.
 */
export function recommend({ found, refused }: Tried): Recommendation | undefined {
  const places = fairPlaces(found);
  const place = placeOf(found);
  if (place === undefined) return undefined;
  const size = sizeAt(place, found);
  const reasons = [
    ...whyThere(place, places),
    ...whySize(size, place),
    ...whyWorkers(place),
    ...whyNot({ found, refused }),
  ];
  return { way: { ...place.way, inFlight: size?.way.inFlight ?? null }, reasons };
}

/** Returns the place that is fastest, before the number of inputs in flight is varied. */
export function placeOf(found: readonly Found[]): Found | undefined {
  const places = fairPlaces(found);
  const most = Math.max(...places.map(({ perSecond }) => perSecond));
  return [...places].sort(simplerFirst).find(({ perSecond }) => perSecond >= WORTH * most);
}

function fairPlaces(found: readonly Found[]): Found[] {
  return found.filter(
    ({ way, adapter }) =>
      way.inFlight === null && (way.backend !== "webgpu" || (adapter !== null && !adapter.isSoftware)),
  );
}

const PLACES = ["in-process", "worker-threads", "webgpu"];

function simplerFirst({ way: a }: Found, { way: b }: Found): number {
  return PLACES.indexOf(a.backend) - PLACES.indexOf(b.backend) || (a.threads ?? 0) - (b.threads ?? 0);
}

/** The fewest at once that are nearly as fast as the most; they were tried at one place only. */
function sizeAt(place: Found, all: readonly Found[]): Found | undefined {
  const same = all.filter(
    ({ way }) => way.inFlight !== null && way.backend === place.way.backend && way.threads === place.way.threads,
  );
  const most = Math.max(place.perSecond, ...same.map(({ perSecond }) => perSecond));
  return same
    .sort((a, b) => (a.way.inFlight as number) - (b.way.inFlight as number))
    .find(({ perSecond }) => perSecond >= WORTH * most);
}

const rate = ({ perSecond }: Found) => `${formatNumber(perSecond)} messages a second`;

function whyThere(place: Found, places: readonly Found[]): string[] {
  const others = places.filter(({ way }) => way.backend !== place.way.backend);
  const best = [...others].sort((a, b) => b.perSecond - a.perSecond)[0];
  const reasons = [`${place.way.backend} does ${rate(place)}, at ${formatNumber(place.cpu)} µs of CPU time each.`];
  if (best === undefined) return reasons;
  const [more, less] = [best.perSecond / place.perSecond, place.perSecond / best.perSecond];
  const relation =
    more > 1
      ? `${more.toPrecision(3)} times as many: too little more for what it takes`
      : `${less.toPrecision(3)} times fewer`;
  return [...reasons, `${best.way.backend} does ${rate(best)}, ${relation}, at ${formatNumber(best.cpu)} µs.`];
}

/** Returns the options that were left out, each reason once. */
function whyNot({ found, refused }: Tried): string[] {
  const devices = found.filter(({ way }) => way.backend === "webgpu");
  const reasons = [
    ...devices.map(({ adapter }) =>
      adapter === null
        ? "webgpu was left out: nothing in this pipeline runs on a device (defineComputeKernel does)."
        : adapter.isSoftware
          ? `webgpu was left out: ${adapter.name} is software, and says nothing about a GPU. Run this where there is one.`
          : "",
    ),
    ...refused.map(({ way, why }) => `${way.backend} was left out: ${why}`),
  ];
  return [...new Set(reasons)].filter((reason) => reason !== "");
}

function whySize(size: Found | undefined, place: Found): string[] {
  if (size === undefined) return [];
  return [
    `With ${size.way.inFlight} inputs at once it does ${rate(size)}, half of them settled within ${formatNumber(size.p50)} ms; without a limit ${rate(place)}, within ${formatNumber(place.p50)} ms.`,
  ];
}

function whyWorkers({ longest, bottleneck, way }: Found): string[] {
  if (longest === null || longest.time <= 0) return [];
  const where = `Stage ${longest.stage} takes longest for a message, ${formatNumber(longest.time * 1000)} µs`;
  if (way.backend !== "worker-threads" || way.workers !== null) return [`${where}.`];
  return [
    `${where}${bottleneck === longest.stage ? ", and holds the others up" : ""}: if it may run several at once, give it workers (export a function ({ workers }) => pipeline to have that tried).`,
  ];
}
