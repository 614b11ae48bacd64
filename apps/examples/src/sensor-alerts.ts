// Sensor readings in, alerts out: heat at once, and a sensor that has sent nothing for a while. Readings are replayed at
// their times.
import { type Backend, body, type Clock, createRuntime, defineKernel, defineMessage } from "@ringline/core";

const Reading = defineMessage("Reading", body<{ sensor: string; degrees: number }>());
const Alert = defineMessage("Alert", body<{ sensor: string; text: string }>());

/** Milliseconds without a reading after which a sensor is silent. */
const SILENCE = 100;

/** Sensors that are silent, in the thread of the kernel. */
const silent = new Set<string>();

export const watch = defineKernel({
  id: "watch",
  module: import.meta.url,
  input: Reading,
  output: Alert,
  handle({ sensor, degrees }, ctx) {
    const fire = () => {
      silent.add(sensor);
      return Alert({ sensor, text: "silent" });
    };
    ctx.timer(SILENCE, fire, { key: sensor }); // in place of the one of the reading before
    const alerts = silent.delete(sensor) ? [Alert({ sensor, text: "back" })] : [];
    return degrees > 90 ? [...alerts, Alert({ sensor, text: `hot: ${degrees} degrees` })] : alerts;
  },
});

/** A line of `milliseconds,sensor,degrees`. */
type Line = string;

/** Replays lines, and tells each alert, until all sensors are silent. */
export async function sensorAlerts(
  backend: Backend,
  lines: readonly Line[],
  tell: (alert: string) => void,
  clock?: Clock,
): Promise<void> {
  await using runtime = createRuntime({ backend, clock });
  const sensors = await runtime.start(watch);
  const rows = lines.map((line) => line.split(",") as [time: string, sensor: string, degrees: string]);
  for (const [time, sensor, degrees] of rows) {
    await sensors.send(Reading({ sensor, degrees: Number(degrees) }), { delay: Number(time) });
  }
  const talking = new Set(rows.map(([, sensor]) => sensor));
  for await (const { sensor, text } of sensors) {
    tell(`${sensor} ${text}`);
    if (text === "silent") talking.delete(sensor);
    else talking.add(sensor);
    if (talking.size === 0 && (await sensors.telemetry()).processed === rows.length) return;
  }
}
