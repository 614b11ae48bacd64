import {
  type Backend,
  body,
  createRuntime,
  defineKernel,
  defineMessage,
  isRinglineError,
  pipeline,
} from "@ringline/core";
import { inProcess } from "@ringline/in-process";

const Pixel = defineMessage("Pixel", body<{ value: number }>());

export const dim = defineKernel({
  id: "dim",
  module: import.meta.url,
  input: Pixel,
  output: Pixel,
  handle: ({ value }) => Pixel({ value: value / 2 }),
});
export const round = defineKernel({
  id: "round",
  module: import.meta.url,
  input: Pixel,
  output: Pixel,
  handle: ({ value }) => Pixel({ value: Math.round(value) }),
});

/** One runtime with two backends. A stage names its backend, or runs on the default one. */
export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backends: { main: inProcess(), other: backend } });
  await using flow = await runtime.run(pipeline("darken").stage(dim, { backend: "other" }).stage(round));
  for await (const { value } of flow.process([255, 128, 3].map((value) => Pixel({ value })))) console.log(value);
  for (const { id, backend: place } of runtime.kernels) console.log(`${id} on ${place}`);

  // where messages are copied, a value that cannot be copied is rejected
  await using copying = createRuntime({ backend: inProcess({ copy: true }) });
  const kernel = await copying.start(dim);
  const odd = Pixel({ value: (() => 1) as unknown as number });
  const refused: unknown = await kernel.send(odd).catch((error) => error);
  if (isRinglineError(refused, "SERIALIZATION")) console.log(`${refused.code}: ${refused.details.path}`);
}
