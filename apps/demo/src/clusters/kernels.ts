import { kMeansStep } from "@ringline/webgpu/kernels";

/** Coordinates of a flight: time of the day, distance and delay, each from about 0 to 1. */
export const DIMENSIONS = 3;

export const step = kMeansStep({ id: "step", module: import.meta.url, dimensions: DIMENSIONS });
