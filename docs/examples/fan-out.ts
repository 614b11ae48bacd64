import { type Backend, body, createRuntime, defineKernel, defineMessage, graph, otherwise } from "@ringline/core";

const Parcel = defineMessage("Parcel", body<{ id: number; kilos: number }>());
const Sent = defineMessage("Sent", body<{ id: number; by: string }>());

export const bike = defineKernel({
  id: "bike",
  module: import.meta.url,
  input: Parcel,
  output: Sent,
  handle: ({ id }) => Sent({ id, by: "bike" }),
});

export const van = defineKernel({
  id: "van",
  module: import.meta.url,
  input: Parcel,
  output: Sent,
  handle: ({ id }) => Sent({ id, by: "van" }),
});

/** A sink: it sends no output. */
export const scale = defineKernel({
  id: "scale",
  module: import.meta.url,
  input: Parcel,
  handle({ id, kilos }) {
    if (kilos > 1000) throw new RangeError(`parcel ${id} is too heavy for the scale`);
  },
});

export const parcels = graph("parcels", Parcel, (parcel, { merge }) => {
  parcel.stage(scale); // a wire that is used twice sends everything to both
  const { light, heavy } = parcel.route({ light: ({ kilos }) => kilos < 5, heavy: otherwise }, { name: "weight" });
  return merge(light.stage(bike, { workers: 3 }), heavy.stage(van));
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  runtime.on("error", () => {}); // the dead letter below reports it
  await using flow = await runtime.run(parcels);

  const source = [1, 20, 3, 4000].map((kilos, id) => Parcel({ id, kilos }));
  const sent: string[] = [];
  for await (const { id, by } of flow.process(source)) sent.push(`parcel ${id} by ${by}`);
  for (const line of sent.sort()) console.log(line);

  const { stages } = await flow.telemetry();
  console.log(stages.map(({ stage, received }) => `${stage}: ${received}`).join(", "));
  for (const { stage, error } of flow.deadLetters.peek()) console.log(`${stage} failed: ${error.cause}`);
}
