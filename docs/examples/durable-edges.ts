import { type Backend, createRuntime, pipeline } from "@ringline/core";
import { caption, measure, Photo } from "./beyond-one-machine.js";

/** What `measure` has accepted outlives the program: the next one that runs this goes on with it. */
export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  await using flow = await runtime.run(pipeline("photos").stage(measure, { durable: true }).stage(caption));

  await flow.send(Photo({ name: "harbour", pixels: [180, 220, 200] })); // resolves when it is kept
  console.log((await flow.receive()).text);
}
