import type { FlightsArguments } from "../cli/parse-command.js";
import { count } from "../text/numbers.js";
import { renderDevice } from "../text/render-device.js";
import { flightRows } from "./flight-rows.js";
import { openBackend } from "./open-backend.js";
import { showProgress } from "./progress.js";
import { renderRejections } from "./render-rejections.js";
import { renderSummary } from "./render-summary.js";
import { renderTelemetry } from "./render-telemetry.js";
import { type FlightsRun, runFlights } from "./run-flights.js";
import { selfCheck } from "./self-check.js";

/** Runs the flights and prints what came of it. Resolves to whether the self-check passed. */
export async function flightsCommand(options: FlightsArguments, stop: AbortSignal): Promise<boolean> {
  await using open = await openBackend(options.backend, options.hosts);
  const run = await runFlights({
    backend: open.backend,
    rows: flightRows(options.limit, options.corrupt),
    stop,
    watch: (sample) => showProgress(process.stderr, sample),
  });
  const checks = selfCheck(run);
  const ok = checks.every((check) => check.ok);
  if (options.json) {
    const { rows, seconds, rejections } = run;
    const line = {
      rows,
      ok,
      backend: options.backend,
      seconds: Number(seconds.toFixed(3)),
      deadLetters: rejections.count,
    };
    console.log(JSON.stringify(line));
  } else {
    console.log(render(run, options.backend, stop.aborted));
    console.log("Self-check");
    for (const { what, ok } of checks) console.log(`  ${ok ? "ok    " : "FAILED"}  ${what}`);
  }
  return ok;
}

function render({ rows, seconds, summary, rejections, telemetry }: FlightsRun, backend: string, cut: boolean): string {
  const title =
    `${count(rows)} rows of flights-200k.json through clean → derive → aggregate → report on ${backend}: ` +
    `${seconds.toFixed(2)} s, ${count(rows / seconds)} rows/s${cut ? " (interrupted: the rest was not read)" : ""}\n`;
  const device = telemetry.get("derive")?.device;
  return [
    title,
    renderSummary(summary),
    renderRejections(rejections.list),
    renderTelemetry(telemetry),
    device === undefined ? "" : renderDevice(device),
  ]
    .filter((part) => part !== "")
    .join("\n");
}
