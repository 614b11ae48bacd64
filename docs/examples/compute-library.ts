import { type Backend, createRuntime, f32, pipeline, unifiedBuffer } from "@ringline/core";
import { compact, F32Array, map, radixSort, reduce, scan } from "@ringline/webgpu/kernels";

const module = import.meta.url;

export const squares = map({
  id: "squares",
  module,
  host: (x) => x * x,
  wgsl: "fn each(x: f32, i: u32) -> f32 { return x * x; }",
});
export const large = compact({
  id: "large",
  module,
  host: (x) => x > 2,
  wgsl: "fn keep(x: f32) -> bool { return x > 2.0; }",
});
export const sums = scan({ id: "sums", module });
export const largest = reduce({ id: "largest", module, operation: "max" });
export const sorted = radixSort({ id: "sorted", module, direction: "descending" });

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  const flow = await runtime.run(pipeline("sums of squares").stage(squares).stage(large).stage(sums).stage(largest));
  const { value, count } = await flow.request(F32Array({ values: unifiedBuffer(f32, [1, 2, 3, 4]) }));
  console.log(`${count} sums, up to ${value}`);

  const sorter = await runtime.start(sorted);
  const { values, order } = await sorter.request(F32Array({ values: unifiedBuffer(f32, [3, 1, 2]) }));
  console.log(`${[...(await values.read())].join(" ")} were at ${[...(await order.read())].join(" ")}`);
  for (const array of [values, order]) array.release();
}
