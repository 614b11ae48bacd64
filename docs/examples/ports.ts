import { type Backend, body, createRuntime, defineKernel, defineMessage, isRinglineError } from "@ringline/core";

const Job = defineMessage("Job", body<{ name: string }>());
const Done = defineMessage("Done", body<{ name: string }>());

export const worker = defineKernel({
  id: "worker",
  module: import.meta.url,
  input: Job,
  output: Done,
  queueSize: 3,
  handle: ({ name }) => Done({ name }),
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  const kernel = await runtime.launch(worker); // accepts messages; processes them once it is active
  await kernel.send(Job({ name: "a" }));
  await kernel.send(Job({ name: "b" }));
  await kernel.send(Job({ name: "c" }, { priority: 255 }));

  const late: unknown = await kernel.send(Job({ name: "d" }), { timeout: 10 }).catch((error) => error);
  if (isRinglineError(late)) console.log(`full: ${late.code}`);

  const { accepted, queued, done } = (await kernel.telemetry()).ledger.input;
  console.log(`accepted ${accepted} = queued ${queued} + done ${done}`);

  await kernel.activate();
  const order: string[] = [];
  for (let i = 0; i < 3; i++) order.push((await kernel.receive({ timeout: 1000 })).name);
  console.log(`delivered: ${order.join(" ")}`);
}
