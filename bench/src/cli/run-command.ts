import { open, writeFile } from "node:fs/promises";
import { onInterruption } from "../process/interruption.js";
import { currentPass, runPasses } from "../process/passes.js";
import { mergeReports } from "../report/merge-reports.js";
import { renderReport } from "../report/render-report.js";
import { saveReport } from "../report/save-report.js";
import { run } from "../run/run.js";
import { EXIT, print } from "./exit.js";
import type { RunOptions } from "./parse-options.js";
import { Progress } from "./progress.js";
import { UsageError } from "./usage-error.js";

/** Measures in processes of their own, or is one of them. */
export async function runCommand(options: RunOptions, args: readonly string[]): Promise<number> {
  const signal = onInterruption();
  const pass = currentPass();
  const { passes } = options.parameters;
  if (pass !== undefined) {
    const progress = new Progress(process.stderr, passes === 1 ? "" : `pass ${pass.number} of ${passes}: `);
    // what a subject leaves behind when it is closed must not end the run; of an interrupted one it is no failure
    const leftBehind = new Set<string>();
    process.on("unhandledRejection", (reason) => {
      if (!signal.aborted) leftBehind.add(`nobody awaited this failure: ${reason}`);
    });
    const report = await run(options, pass.number, progress, signal);
    await writeFile(pass.file, JSON.stringify({ ...report, failures: [...report.failures, ...leftBehind] }));
    return EXIT.done;
  }
  for (const file of [options.out, options.html]) if (file !== undefined) await checkWritable(file);
  const reports = await runPasses(passes, args, signal);
  if (reports.length === 0) {
    process.stderr.write("Interrupted before anything was measured.\n");
    return EXIT.interrupted;
  }
  const report = mergeReports(reports);
  const files = await saveReport(report, options);
  await print(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : renderReport(report));
  const where = `Report: ${files.html}\nFigures: ${files.json}\n`;
  if (options.json) process.stderr.write(where);
  else await print(`\n${where}`);
  if (report.interrupted) return EXIT.interrupted;
  return report.failures.length > 0 ? EXIT.failed : EXIT.done;
}

/** Better told now than after the measurements. */
async function checkWritable(file: string): Promise<void> {
  try {
    await (await open(file, "a")).close();
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`);
  }
}
