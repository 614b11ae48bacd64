import { createRuntime, f32, unifiedBuffer } from "@ringline/core";
import { Points } from "@ringline/webgpu/kernels";
import { backends } from "../backends.js";
import { readRows } from "../flights/read-rows.js";
import { count } from "../text/numbers.js";
import { renderDevice } from "../text/render-device.js";
import { table } from "../text/table.js";
import { DIMENSIONS, step } from "./kernels.js";

/** Number of clusters, and maximum number of steps. */
const [CLUSTERS, MOST] = [5, 30];
/** Greatest hour, miles and minutes, which become 1. */
const SCALE = [24, 2500, 180] as const;

/** Clusters the flights by k-means: the points are uploaded once, and each step gets the centres of the one before. */
export async function clustersCommand(backend: string): Promise<boolean> {
  const points = await pointsOf();
  const runtime = createRuntime({ backend: backends[backend]!() });
  const handle = await runtime.start(step);
  const all = unifiedBuffer(f32, points);
  const flights = points.length / DIMENSIONS;
  let centres = Float32Array.from({ length: CLUSTERS * DIMENSIONS }, (_, i) => {
    const flight = Math.floor(((i / DIMENSIONS) | 0) * (flights / CLUSTERS));
    return points[flight * DIMENSIONS + (i % DIMENSIONS)] as number;
  });
  let [before, labels] = [centres, new Uint32Array(0)];
  let [steps, moved] = [0, Number.POSITIVE_INFINITY];
  const begun = performance.now();
  for (; steps < MOST && moved > 1e-4; steps++) {
    const made = await handle.request(Points({ points: all.retain(), centres: unifiedBuffer(f32, centres) }));
    before = centres;
    [centres, labels] = [Float32Array.from(await made.centres.read()), Uint32Array.from(await made.labels.read())];
    moved = Math.max(...centres.map((x, i) => Math.abs(x - (before[i] as number))));
    for (const array of [made.centres, made.labels]) array.release();
  }
  const seconds = (performance.now() - begun) / 1000;
  all.release();
  const { device } = await handle.telemetry();
  await runtime.dispose();
  const isRight = labels.length === flights && labels.every((label, i) => isNearest(points, before, i, label));
  console.log(
    `${count(flights)} flights in ${CLUSTERS} clusters by time, distance and delay on ${backend}: ` +
      `${steps} steps, ${seconds.toFixed(2)} s\n`,
  );
  const rows = Array.from({ length: CLUSTERS }, (_, cluster) => {
    const own = labels.filter((label) => label === cluster).length;
    const [hour, miles, minutes] = SCALE.map((scale, d) => (centres[cluster * DIMENSIONS + d] as number) * scale);
    return [count(own), (hour ?? 0).toFixed(1), (miles ?? 0).toFixed(0), (minutes ?? 0).toFixed(0)];
  });
  console.log(table(["Flights", "Hour", "Miles", "Delay"], rows));
  if (device !== undefined) console.log(renderDevice(device));
  console.log(`Self-check\n  ${isRight ? "ok    " : "FAILED"}  every flight is in the cluster of the nearest centre`);
  return isRight;
}

async function pointsOf(): Promise<Float32Array> {
  const points: number[] = [];
  for await (const row of readRows()) {
    const { time, distance, delay } = row as {
      readonly time: number;
      readonly distance: number;
      readonly delay: number;
    };
    points.push(time / SCALE[0], distance / SCALE[1], delay / SCALE[2]);
  }
  return Float32Array.from(points);
}

/** True if no centre is nearer to a point than that of its label, but for rounding. */
function isNearest(points: Float32Array, centres: Float32Array, point: number, label: number): boolean {
  const to = (centre: number) => {
    let sum = 0;
    for (let d = 0; d < DIMENSIONS; d++) {
      sum += ((points[point * DIMENSIONS + d] as number) - (centres[centre * DIMENSIONS + d] as number)) ** 2;
    }
    return sum;
  };
  const own = to(label);
  return Array.from({ length: CLUSTERS }, (_, centre) => to(centre)).every((other) => own <= other + 1e-6);
}
