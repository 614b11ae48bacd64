import { writeFileSync } from "node:fs";
import { setPatience } from "../patience.js";
import { CaseRun } from "./case-run.js";
import { ExpectedFailures } from "./expected-failures.js";
import { junit, tap } from "./formats.js";
import { type CliOptions, chosenCases, HELP, parseOptions, USAGE, UsageError } from "./options.js";
import { json, list, remarks, summary, table } from "./report.js";
import { badge, page, readResults, results } from "./results.js";
import { nextChange } from "./watch.js";

const summaries = { json, tap, junit };

/** The command `ringline-conformance`, whose file is `entry`; resolves with its exit code. */
export async function main(args: readonly string[], entry: string): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options.help) return print(HELP);
    if (options.page !== undefined || options.badge !== undefined) return writePages(options);
    const cases = chosenCases(options);
    if (cases.length === 0) throw new UsageError("No case matches: see --list.");
    if (options.list) return print(list(cases, options.format === "json"));
    if (options.patience !== undefined) setPatience(options.patience);
    const create = () =>
      new CaseRun(entry, args, cases, printsText(options), new ExpectedFailures(options.expectedFailures));
    if (options.watch) return await runAtChanges(create, options);
    return report(await create().run(), options);
  } catch (error) {
    return refuse(error);
  }
}

/** Runs, and runs again at each change of a file beside the modules; a change ends the current run. */
async function runAtChanges(create: () => CaseRun, options: CliOptions): Promise<number> {
  const written = [options.output, options.results].filter((file) => file !== undefined);
  for (;;) {
    const changed = nextChange(options.files, written);
    try {
      const run = create();
      void changed.then(() => run.stop());
      await run.run();
      if (!run.isStopped) report(run, options);
      if (run.isInterrupted) return 130;
    } catch (error) {
      refuse(error);
    }
    console.error("Waiting for a change …");
    await changed;
  }
}

function refuse(error: unknown): 2 {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n${USAGE}`);
  return 2;
}

const printsText = ({ format, output }: CliOptions): boolean => format === "text" || output !== undefined;

function report(run: CaseRun, options: CliOptions): number {
  const { tallies, stale, isInterrupted } = run;
  if (options.results !== undefined) writeFileSync(options.results, `${JSON.stringify(results(run))}\n`);
  const isText = printsText(options);
  if (isText) for (const tally of tallies) console.log(table(tally));
  for (const remark of remarks(run)) console.error(remark);
  if (options.format !== "text") {
    const text = summaries[options.format](run);
    if (options.output === undefined) console.log(text);
    else writeFileSync(options.output, `${text}\n`);
  }
  if (isInterrupted) {
    console.error(`Interrupted: ${summary(tallies)}`);
    return 130;
  }
  if (isText) console.log(summary(tallies));
  const hasFailed = stale.length > 0 || tallies.some(({ total, notRun }) => total.failed + notRun > 0);
  const hasRun = tallies.some(({ total }) => total.passed + total.expected > 0);
  if (!hasFailed && !hasRun) console.error("No case was run.");
  return hasFailed || !hasRun ? 1 : 0;
}

function writePages({ files, page: pageFile, badge: badgeFile }: CliOptions): 0 {
  const all = files.map(readResults);
  if (pageFile !== undefined) writeFileSync(pageFile, page(all));
  if (badgeFile !== undefined) writeFileSync(badgeFile, badge(all));
  return 0;
}

function print(text: string): 0 {
  console.log(text);
  return 0;
}
