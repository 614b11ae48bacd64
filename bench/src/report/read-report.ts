import { readFile } from "node:fs/promises";
import { UsageError } from "../cli/usage-error.js";
import { type Report, SCHEMA, type SubjectReport } from "./report.js";

/** The figures that a run has left. Throws `UsageError` where the file holds something else. */
export async function readReport(file: string): Promise<Report> {
  let report: unknown;
  try {
    report = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
  return upgradeReport(report, file);
}

/** A report as of this version, whichever version it is of. Throws `UsageError` with the version where it cannot be read. */
export function upgradeReport(report: unknown, file: string): Report {
  const { schema } = (report ?? {}) as { readonly schema?: unknown };
  if (schema === SCHEMA) return report as Report;
  if (schema === 2) return upgradeFrom2(report as Report);
  if (typeof schema !== "number") throw new UsageError(`${file} is not a report of the bench`);
  const why = schema > SCHEMA ? "written by a newer bench" : "too old to be read: run the bench again";
  throw new UsageError(`${file} is a report of version ${schema}, ${why}; this bench reads versions 2 and ${SCHEMA}`);
}

/** Version 2 kept medians of percentiles, which hide what few measurements met: they are left out. */
function upgradeFrom2(report: Report): Report {
  const upgrade = (subject: SubjectReport): SubjectReport => ({
    ...subject,
    latencies: null,
    percentiles: null,
    others: 0,
  });
  return {
    ...report,
    schema: SCHEMA,
    counts: [],
    workloads: report.workloads.map((workload) => ({ ...workload, subjects: workload.subjects.map(upgrade) })),
    notMeasured: [...report.notMeasured, "tails of latencies: an older bench kept medians of them only"],
  };
}
