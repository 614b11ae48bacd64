import { readFile } from "node:fs/promises";
import { UsageError } from "../cli/usage-error.js";
import { type Report, SCHEMA } from "./report.js";

/** The figures that a run has left. Throws `UsageError` where the file holds something else. */
export async function readReport(file: string): Promise<Report> {
  let report: Partial<Report>;
  try {
    report = JSON.parse(await readFile(file, "utf8")) as Partial<Report>;
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
  if (report?.schema !== SCHEMA)
    throw new UsageError(`${file} is not a report of version ${SCHEMA}; run the bench again`);
  return report as Report;
}
