import { compareReports } from "../comparison/compare-reports.js";
import { renderComparison } from "../comparison/render-comparison.js";
import { readReport } from "../report/read-report.js";
import { EXIT, print } from "./exit.js";
import { UsageError } from "./usage-error.js";
import { parse, share } from "./values.js";

const flags = { threshold: { type: "string" }, json: { type: "boolean" } } as const;
export const THRESHOLD = 0.15;

/** `compare A.json B.json`: exits 1 where B is slower, or a message takes more of what is counted. */
export async function compareCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, flags, true);
  const [a, b, ...more] = positionals;
  if (a === undefined || b === undefined || more.length > 0) throw new UsageError("compare takes two JSON files");
  const threshold = values.threshold === undefined ? THRESHOLD : share(values.threshold, "--threshold");
  const compared = compareReports(await readReport(a), await readReport(b), threshold);
  await print(values.json ? `${JSON.stringify(compared, undefined, 2)}\n` : renderComparison(compared, threshold));
  const isWorse =
    compared.rows.some(({ verdict }) => verdict === "slower") ||
    compared.counts.some(({ verdict }) => verdict === "more");
  return isWorse ? EXIT.failed : EXIT.done;
}
