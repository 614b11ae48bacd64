import { type Backend, body, createRuntime, defineKernel, defineMessage } from "@ringline/core";

const Reading = defineMessage("Reading", body<{ sensor: string; degrees: number }>());
const Alert = defineMessage("Alert", body<{ text: string }>());

/** Warns of heat, and of a sensor that has sent nothing for 60 milliseconds. */
export const watch = defineKernel({
  id: "watch",
  module: import.meta.url,
  input: Reading,
  output: Alert,
  handle({ sensor, degrees }, ctx) {
    ctx.timer(60, () => Alert({ text: `${sensor} is silent` }), { key: sensor });
    return degrees > 90 ? Alert({ text: `${sensor} is hot` }) : undefined;
  },
});

export async function main(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  const sensors = await runtime.start(watch);
  const withdrawn = new AbortController();

  await sensors.send(Reading({ sensor: "door", degrees: 20 }));
  await sensors.send(Reading({ sensor: "oven", degrees: 200 }), { delay: 30 });
  await sensors.send(Reading({ sensor: "attic", degrees: 200 }), { at: Date.now() + 40, signal: withdrawn.signal });
  withdrawn.abort();

  for (let i = 0; i < 3; i++) console.log((await sensors.receive({ timeout: 1000 })).text);
  const { accepted, done, dropped } = (await sensors.telemetry()).ledger.input;
  console.log(`${accepted} readings: ${done} done, ${dropped} withdrawn`);
}
