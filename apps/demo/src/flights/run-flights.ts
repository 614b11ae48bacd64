import { type Backend, createRuntime, type KernelTelemetry, type Ledger } from "@ringline/core";
import { endOfRows, RawRow } from "./messages.js";
import { PlainLoop } from "./plain-loop.js";
import { Rejections } from "./rejections.js";
import { startPipeline } from "./start-pipeline.js";
import type { Summary } from "./summary.js";

export interface FlightsOptions {
  readonly backend: Backend;
  readonly rows: AsyncIterable<unknown>;
  /** Ends the source; what is under way is finished. */
  readonly stop?: AbortSignal;
  /** Called once the stages run; what it returns is disposed at the end of the run. */
  readonly watch?: (sample: () => Promise<Sample>) => Disposable;
}

/** Progress of a run. */
export interface Sample {
  readonly rows: number;
  readonly deadLetters: number;
  /** Messages queued, by stage. */
  readonly queued: ReadonlyMap<string, number>;
}

export interface FlightsRun {
  /** Fed to the pipeline. */
  readonly rows: number;
  /** From the first row to the report. */
  readonly seconds: number;
  readonly summary: Summary;
  /** The same rows in a loop without kernels. */
  readonly plain: PlainLoop;
  readonly rejections: Rejections;
  /** By stage, in their order. */
  readonly telemetry: ReadonlyMap<string, KernelTelemetry>;
  /** The final ledgers, as `clean.input`, `clean.output` and so on. */
  readonly accounts: ReadonlyMap<string, Ledger>;
}

/** Runs rows through clean → derive → aggregate → report. Rejects when a stage fails in a way that is not a bad row. */
export async function runFlights({ backend, rows, stop, watch }: FlightsOptions): Promise<FlightsRun> {
  await using runtime = createRuntime({ backend });
  const plain = new PlainLoop();
  const rejections = new Rejections();
  const failure = new AbortController();
  runtime.on("deadLetter", rejections.add);
  runtime.on("error", (error) => {
    if (error.code !== "INVALID_MESSAGE") failure.abort(error);
  });
  try {
    const { entry, exit } = await startPipeline(runtime);
    using _ = watch?.(async () => {
      const stages = [...(await runtime.telemetry())];
      const queued = new Map(stages.map(([id, { ledger }]) => [id, ledger.input.queued]));
      return { rows: plain.rows, deadLetters: rejections.count, queued };
    });

    const start = performance.now();
    for await (const row of rows) {
      if (stop?.aborted || failure.signal.aborted) break;
      await entry.send(RawRow({ row }));
      plain.add(row);
    }
    await entry.send(endOfRows());
    const { flights, byHour, byBand, worst, best } = await exit.receive({ signal: failure.signal });
    const seconds = (performance.now() - start) / 1000;

    return {
      rows: plain.rows,
      seconds,
      summary: { flights, byHour, byBand, worst, best },
      plain,
      rejections,
      telemetry: await runtime.telemetry(),
      accounts: await runtime.dispose(),
    };
  } catch (error) {
    throw failure.signal.aborted ? failure.signal.reason : error;
  }
}
