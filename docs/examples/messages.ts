import { type Backend, body, createRuntime, defineKernel, defineMessage, isRinglineError } from "@ringline/core";
import { z } from "zod";

/** A body given by its type: nothing is validated at run time. */
const Celsius = defineMessage("Celsius", body<{ degrees: number }>());

/** A body given by a schema: validated when a message is made and when foreign data are parsed. */
const Reading = defineMessage("Reading", z.object({ sensor: z.string(), fahrenheit: z.number() }));

export const convert = defineKernel({
  id: "convert",
  module: import.meta.url,
  input: Reading,
  output: Celsius,
  handle: ({ fahrenheit }) => Celsius({ degrees: ((fahrenheit - 32) * 5) / 9 }),
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  const kernel = await runtime.start(convert);

  const urgent = Reading({ sensor: "roof", fahrenheit: 212 }, { priority: 200 });
  await kernel.send(urgent);
  const answer = await kernel.receive({ timeout: 1000 });
  console.log(`${urgent.type}, priority ${urgent.priority} → ${answer.type}, ${answer.degrees} degrees`);
  console.log(`caused by it: ${answer.correlationId === urgent.messageId}`);

  try {
    Reading.parse(JSON.parse('{"sensor":"roof","fahrenheit":"warm"}'));
  } catch (error) {
    if (isRinglineError(error, "INVALID_MESSAGE")) console.log(error.details.issues.map(({ path }) => path).join());
  }
}
