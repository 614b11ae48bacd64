import { createRuntime, pipeline } from "@ringline/core";
import { backends } from "../backends.js";
import { count } from "../text/numbers.js";
import { renderDevice } from "../text/render-device.js";
import { table } from "../text/table.js";
import { detect, LIMIT, Reading, WINDOW } from "./kernels.js";
import { allSeries, type Series } from "./readings.js";

interface Found {
  readonly series: number;
  readonly index: number;
  readonly z: number;
}

/** Streams the series through the detector, and compares its alarms with those of a plain loop. */
export async function anomaliesCommand(backend: string): Promise<boolean> {
  const all = allSeries();
  const readings = all.flatMap(({ values }, series) => values.map((value, index) => ({ series, index, value })));
  const runtime = createRuntime({ backend: backends[backend]!() });
  const begun = performance.now();
  const flow = await runtime.run(pipeline("anomalies").stage(detect));
  const found: Found[] = [];
  const source = readings.map((reading) => Reading(reading));
  for await (const { series, index, z } of flow.process(source)) found.push({ series, index, z });
  const seconds = (performance.now() - begun) / 1000;
  const { device } = (await flow.telemetry()).stages[0] ?? {};
  await runtime.dispose();
  const wanted = byLoop(all);
  const same = JSON.stringify(found.map(place)) === JSON.stringify(wanted.map(place));
  console.log(
    `${count(readings.length)} readings of ${all.length} series, windows of ${WINDOW}, on ${backend}: ` +
      `${seconds.toFixed(2)} s, ${count(found.length)} alarms beyond ${LIMIT} standard deviations\n`,
  );
  const strongest = [...found].sort((a, b) => Math.abs(b.z) - Math.abs(a.z)).slice(0, 8);
  const rows = strongest.map(({ series, index, z }) => [
    all[series]?.name ?? "",
    all[series]?.times[index] ?? "",
    (all[series]?.values[index] ?? 0).toFixed(2),
    z.toFixed(1),
  ]);
  console.log(table(["Series", "When", "Change", "Deviations"], rows, ["When"]));
  if (device !== undefined) console.log(renderDevice(device));
  console.log(`Self-check\n  ${same ? "ok    " : "FAILED"}  the same ${count(wanted.length)} alarms as a plain loop`);
  return same;
}

const place = ({ series, index }: Found) => [series, index];

/** The host body over each series, with no runtime. */
function byLoop(all: readonly Series[]): Found[] {
  return all.flatMap(({ values }, series) => {
    const single = Float32Array.from(values);
    const found: Found[] = [];
    for (let index = WINDOW; index < single.length; index++) {
      const last = single.subarray(index - WINDOW, index);
      const mean = last.reduce((sum, x) => sum + x, 0) / WINDOW;
      const deviation = Math.sqrt(last.reduce((sum, x) => sum + (x - mean) ** 2, 0) / WINDOW);
      const z = ((single[index] as number) - mean) / Math.max(deviation, 1e-6);
      if (Math.abs(z) > LIMIT) found.push({ series, index, z });
    }
    return found;
  });
}
