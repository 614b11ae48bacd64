import { type Backend, body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";

export const Photo = defineMessage("Photo", body<{ name: string; pixels: number[] }>());
const Bright = defineMessage("Bright", body<{ name: string; mean: number }>());
const Line = defineMessage("Line", body<{ text: string }>());

export const measure = defineKernel({
  id: "measure",
  module: import.meta.url,
  input: Photo,
  output: Bright,
  supervise: { restart: "on-failure", onCrash: "retry", effects: "commit" },
  handle: ({ name, pixels }) => Bright({ name, mean: pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length }),
});

export const caption = defineKernel({
  id: "caption",
  module: import.meta.url,
  input: Bright,
  output: Line,
  supervise: { restart: "on-failure", onCrash: "retry", effects: "commit" },
  handle: ({ name, mean }) => Line({ text: `${name} is ${mean < 100 ? "dark" : "bright"}` }),
});

/** The backend decides whether the stages run here or on hosts: nothing else changes. */
export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  await using flow = await runtime.run(pipeline("photos").stage(measure).stage(caption));

  const photos = [Photo({ name: "harbour", pixels: [180, 220, 200] }), Photo({ name: "cave", pixels: [10, 30, 20] })];
  for await (const { text } of flow.process(photos)) console.log(text);
}
