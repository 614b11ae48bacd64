import { open, writeFile } from "node:fs/promises";
import { parseOptions, type RunOptions, UsageError } from "./cli/parse-options.js";
import { Progress } from "./cli/progress.js";
import { HELP, USAGE } from "./cli/usage.js";
import { onInterruption } from "./process/interruption.js";
import { isPrepared, reexecute } from "./process/reexecute.js";
import { renderReport } from "./report/render-report.js";
import { run } from "./run/run.js";
import { observed, streams } from "./streams.js";
import type { Closable } from "./subject.js";
import { type SubjectEntry, subjects } from "./subjects.js";
import { carriers, crowds, halves, handOvers, threadLines } from "./threads/subjects.js";

const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

async function main(args: readonly string[]): Promise<number> {
  const command = parseOptions(args);
  if (command.kind === "help") return print(HELP);
  if (command.kind === "list") return print(await list());
  if (!isPrepared()) return reexecute();
  return measure(command);
}

async function measure(options: RunOptions): Promise<number> {
  if (options.out !== undefined) await checkWritable(options.out);
  const report = await run(options, new Progress(process.stderr), onInterruption());
  const json = `${JSON.stringify(report, undefined, 2)}\n`;
  await print(options.json ? json : renderReport(report));
  if (options.out !== undefined) await writeFile(options.out, json);
  if (report.interrupted) return EXIT.interrupted;
  return report.failures.length > 0 ? EXIT.failed : EXIT.done;
}

/** Better told now than after the measurements. */
async function checkWritable(file: string): Promise<void> {
  try {
    await (await open(file, "a")).close();
  } catch (error) {
    throw new UsageError(`--out: ${(error as Error).message}`);
  }
}

async function list(): Promise<string> {
  const flows = [...streams, ...observed.filter(({ name }) => !streams.some((one) => one.name === name))];
  const threads = [
    `threads-echo, threads-cpu, threads-round-trip, threads-round-trip-busy\n${await listed(threadLines)}`,
    `threads-arrays\n${await listed(carriers)}threads-hand-over\n${await listed(handOvers)}`,
    `threads-fan-in\n${await listed(crowds)}threads-cores\n${await listed(halves)}`,
  ].join("");
  return `echo, round-trip, chain, heap\n${await listed(subjects)}flow, telemetry\n${await listed(flows)}${threads}`;
}

async function listed<L extends Closable>(entries: readonly SubjectEntry<L>[]): Promise<string> {
  const lines = entries.map(async ({ name, load }) => {
    const title = await load().then(
      (subject) => subject.title,
      () => "does not load",
    );
    return `  ${name.padEnd(21)}${title}\n`;
  });
  return (await Promise.all(lines)).join("");
}

/** Resolves when it is written, so that ending the process cuts nothing off. */
function print(text: string): Promise<number> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve(EXIT.done)));
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const usage = error instanceof UsageError;
    process.stderr.write(usage ? `${error.message}\n${USAGE}\n` : `${error instanceof Error ? error.stack : error}\n`);
    process.exit(usage ? EXIT.usage : EXIT.failed);
  },
);
