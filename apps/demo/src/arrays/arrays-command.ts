import { createRuntime, f32, pipeline, unifiedBuffer } from "@ringline/core";
import { backends } from "../backends.js";
import { count } from "../text/numbers.js";
import { renderDevice } from "../text/render-device.js";
import { compute, preprocess, RawData } from "./kernels.js";

const ELEMENTS = 1_000_000;
const ARRAYS = 8;

/** Arrays of a million through preprocess → compute; each mean is compared with that of a plain loop. */
export async function arraysCommand(backend: string): Promise<boolean> {
  const runtime = createRuntime({ backend: backends[backend]!() });
  const flow = await runtime.run(pipeline("arrays").stage(preprocess).stage(compute), { maxInFlight: 4 });
  const arrays = Array.from({ length: ARRAYS }, (_, n) =>
    Float32Array.from({ length: ELEMENTS }, (_, i) => ((i * 7919 + n) % 10_007) ** (1 + n / 10)),
  );
  const begun = performance.now();
  const source = function* () {
    for (const values of arrays) yield RawData({ values: unifiedBuffer(f32, values) });
  };
  const means: number[] = [];
  for await (const { mean } of flow.process(source())) means.push(mean);
  const seconds = (performance.now() - begun) / 1000;
  const { device } = (await flow.telemetry()).stages[0] ?? {};
  await runtime.dispose();
  const wanted = arrays.map(meanOf);
  const same = means.length === ARRAYS && means.every((mean, i) => Math.abs(mean - (wanted[i] as number)) < 1e-4);
  console.log(
    `${ARRAYS} arrays of ${count(ELEMENTS)} through preprocess → compute on ${backend}: ${seconds.toFixed(2)} s\n` +
      `means ${means.map((mean) => mean.toFixed(4)).join(", ")}\n`,
  );
  if (device !== undefined) console.log(renderDevice(device));
  console.log(`Self-check\n  ${same ? "ok    " : "FAILED"}  the same means as a plain loop, within 0.0001`);
  return same;
}

function meanOf(values: Float32Array): number {
  let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const x of values) {
    min = Math.min(min, x);
    max = Math.max(max, x);
    sum += x;
  }
  return (sum / values.length - min) / (max - min);
}
