import { selectCases } from "../run-suite.js";
import { CaseRun } from "./case-run.js";
import { HELP, parseOptions, USAGE, UsageError } from "./options.js";
import { json, list, summary, table } from "./report.js";

/** The command `ringline-conformance`, whose file is `entry`; resolves with its exit code. */
export async function main(args: readonly string[], entry: string): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options.help) return print(HELP);
    const cases = selectCases(options);
    if (cases.length === 0) throw new UsageError("No case matches: see --list.");
    if (options.list) return print(list(cases, options.json));
    return report(await new CaseRun(entry, args, cases, options.json).run(), options.json);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n${USAGE}`);
    return 2;
  }
}

function report({ tallies, isInterrupted, checksLeaks }: CaseRun, asJson: boolean): number {
  if (!asJson) for (const counter of tallies) console.log(table(counter));
  if (!checksLeaks) console.error("Leaks are unchecked: this runtime does not tell what keeps it alive.");
  if (asJson) console.log(json(tallies, isInterrupted, checksLeaks));
  if (isInterrupted) {
    console.error(`Interrupted: ${summary(tallies)}`);
    return 130;
  }
  if (!asJson) console.log(summary(tallies));
  const hasFailed = tallies.some(({ total, notRun }) => total.failed + notRun > 0);
  const hasPassed = tallies.some(({ total }) => total.passed > 0);
  if (!hasFailed && !hasPassed) console.error("No case was run.");
  return hasFailed || !hasPassed ? 1 : 0;
}

function print(text: string): 0 {
  console.log(text);
  return 0;
}
