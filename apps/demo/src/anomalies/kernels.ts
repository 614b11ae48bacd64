import { array, defineComputeKernel, defineMessage, f32, struct, u32 } from "@ringline/core";

/** Number of earlier readings that a reading is compared with. */
export const WINDOW = 64;
/** Standard deviations from the mean at which a reading is an alarm. */
export const LIMIT = 4;

/** One reading of one series. */
export const Reading = defineMessage("Reading", struct({ series: u32, index: u32, value: f32 }));
export const Alarm = defineMessage("Alarm", struct({ series: u32, index: u32, value: f32, z: f32 }));

/** Readings → those that are far from the mean of the last 64 of their series. The windows stay where the kernel runs. */
export const detect = defineComputeKernel({
  id: "detect",
  module: import.meta.url,
  kind: "map",
  input: Reading,
  output: Alarm,
  tolerance: 1e-3,
  filter: true,
  batch: { max: 2048, linger: 2 },
  state: { layout: struct({ count: u32, last: array(f32, WINDOW) }), slots: 4, key: "series" },
  host({ series, index, value }, state) {
    const size = Math.min(state.count, WINDOW);
    let mean = 0;
    for (let i = 0; i < size; i++) mean += state.last[i] as number;
    mean /= Math.max(1, size);
    let squares = 0;
    for (let i = 0; i < size; i++) squares += ((state.last[i] as number) - mean) ** 2;
    const deviation = Math.sqrt(squares / Math.max(1, size));
    state.last[state.count % WINDOW] = value;
    state.count += 1;
    const z = (value - mean) / Math.max(deviation, 1e-6);
    return size === WINDOW && Math.abs(z) > LIMIT ? { series, index, value, z } : null;
  },
  wgsl: `fn map(m: Reading, out: ptr<function, Alarm>, s: ptr<storage, State, read_write>) -> bool {
    let size = min((*s).count, ${WINDOW}u);
    let many = f32(max(1u, size));
    var mean = 0.0;
    for (var i = 0u; i < size; i++) { mean += (*s).last[i]; }
    mean /= many;
    var squares = 0.0;
    for (var i = 0u; i < size; i++) {
      let off = (*s).last[i] - mean;
      squares += off * off;
    }
    let deviation = sqrt(squares / many);
    (*s).last[(*s).count % ${WINDOW}u] = m.value;
    (*s).count += 1u;
    let z = (m.value - mean) / max(deviation, 1e-6);
    *out = Alarm(m.series, m.index, m.value, z);
    return size == ${WINDOW}u && abs(z) > ${LIMIT}.0;
  }`,
});
