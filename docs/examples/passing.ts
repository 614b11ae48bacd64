import { type Backend, body, createRuntime, defineMessage, pipeline } from "@ringline/core";
import { defineDebounceKernel, defineDistinctKernel, defineTickKernel } from "@ringline/streams";

const Edit = defineMessage("Edit", body<{ file: string; version: number }>());
const Beat = defineMessage("Beat", body<{ n: number }>());

/** Each version of a file once. */
export const once = defineDistinctKernel({
  id: "once",
  module: import.meta.url,
  input: Edit,
  key: ({ file, version }) => `${file} ${version}`,
  within: 60_000,
});

/** The latest version of a file, once it has rested for 30 milliseconds. */
export const rested = defineDebounceKernel({
  id: "rested",
  module: import.meta.url,
  input: Edit,
  key: "file",
  wait: 30,
});

/** Sends a message every 10 milliseconds. */
export const heart = defineTickKernel({
  id: "heart",
  module: import.meta.url,
  output: Beat,
  every: 10,
  tick: ({ n }) => Beat({ n }),
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  const flow = await runtime.run(pipeline("edits").stage(once).stage(rested));
  const edits = [1, 1, 2, 3].map((version) => Edit({ file: "a.txt", version }));
  for await (const { file, version } of flow.process([...edits, Edit({ file: "b.txt", version: 1 })])) {
    console.log(`${file}, version ${version}`);
  }

  const beats = await runtime.start(heart);
  for (let i = 0; i < 3; i++) console.log(`beat ${(await beats.receive({ timeout: 1000 })).n}`);
  await beats.terminate();
}
