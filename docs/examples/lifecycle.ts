import { type Backend, body, createRuntime, defineKernel, defineMessage, isRinglineError } from "@ringline/core";

const Step = defineMessage("Step", body<{ n: number }>());

export const stepper = defineKernel({
  id: "stepper",
  module: import.meta.url,
  input: Step,
  output: Step,
  handle: (step) => step,
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  runtime.on("state", ({ from, to }) => console.log(`${from} → ${to}`));

  const kernel = await runtime.launch(stepper);
  await kernel.send(Step({ n: 1 })); // waits in the queue
  await kernel.activate();
  console.log(`got ${(await kernel.receive({ timeout: 1000 })).n}`);

  await kernel.deactivate();
  await kernel.send(Step({ n: 2 })); // accepted; nothing is delivered
  await kernel.reactivate();

  const wrong: unknown = await kernel.activate().catch((error) => error);
  if (isRinglineError(wrong, "KERNEL_STATE")) console.log(`${wrong.code}: ${wrong.details.state}`);

  await kernel.terminate({ drain: true }); // after processing what was accepted
  console.log(`got ${(await kernel.receive({ timeout: 1000 })).n}`); // the output stays readable
}
