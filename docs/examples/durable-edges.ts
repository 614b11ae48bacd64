import { type Backend, createRuntime, pipeline } from "@ringline/core";
import { caption, measure, Photo } from "./beyond-one-machine.js";

/** Messages that `measure` has accepted outlive the program: the next one that runs this topology resumes with them. */
export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  await using flow = await runtime.run(pipeline("photos").stage(measure, { durable: true }).stage(caption));

  await flow.send(Photo({ name: "harbour", pixels: [180, 220, 200] })); // resolves when it is stored
  console.log((await flow.receive()).text);
}
