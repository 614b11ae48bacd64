import { processProbe } from "../probe.js";
import { runSuite, selectCases } from "../run-suite.js";
import type { Subject } from "../subject.js";
import { loadSubjects } from "./load-subjects.js";
import { type CliOptions, HELP, parseOptions, USAGE, UsageError } from "./options.js";
import { failures, fullName, json, summary, table } from "./report.js";
import { StrayErrors } from "./stray-errors.js";
import { Tally } from "./tally.js";

/** The command `ringline-conformance`; gives its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options.help) return print(HELP);
    const cases = selectCases(options);
    if (cases.length === 0) throw new UsageError("No case matches: see --list.");
    if (options.list) return print(cases.map(fullName).join("\n"));
    return await run(await loadSubjects(options.modules), options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n${USAGE}`);
    return 2;
  }
}

async function run(subjects: readonly Subject[], options: CliOptions): Promise<number> {
  using interrupt = new Interrupt();
  using stray = new StrayErrors();
  const probe = processProbe();
  const strict = Boolean(process.env["CI"]);
  const tallies: Tally[] = [];
  for (const subject of subjects) {
    if (interrupt.signal.aborted) break;
    const tally = new Tally(subject.name);
    tallies.push(tally);
    const { law, only } = options;
    for await (const result of runSuite(subject, { law, only, probe, strict, signal: interrupt.signal })) {
      tally.add(await stray.charge(result));
    }
    if (options.json) console.error(`${tally.subject}: ${summary([tally])}\n${failures(tally)}`.trimEnd());
    else console.log(table(tally));
  }
  if (interrupt.signal.aborted) {
    console.error(`Interrupted: ${summary(tallies)}`);
    return 130;
  }
  console.log(options.json ? json(tallies) : summary(tallies));
  return tallies.some(({ total }) => total.failed > 0) ? 1 : 0;
}

/** Ctrl-C: the case that runs ends with all that it started, no further one begins. The second one ends at once. */
class Interrupt {
  readonly #controller = new AbortController();
  readonly #interrupted = () => {
    if (this.signal.aborted) process.exit(130);
    this.#controller.abort();
  };

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, this.#interrupted);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, this.#interrupted);
  }
}

function print(text: string): 0 {
  console.log(text);
  return 0;
}
