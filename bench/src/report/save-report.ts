import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { renderPage } from "../page/render-page.js";
import type { Report } from "./report.js";

export interface ReportFiles {
  readonly html: string;
  readonly json: string;
}

/** Below `bench`, whether this runs as it was built or as it was written. */
function folder(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.includes("/bench/src/") ? "../../reports/" : "../reports/", here));
}

/** Writes the page and the figures, named after the time, and once more where they are wanted. */
export async function saveReport(
  report: Report,
  also: { readonly out: string | undefined; readonly html: string | undefined },
): Promise<ReportFiles> {
  const to = folder();
  await mkdir(to, { recursive: true });
  const name = report.date.slice(0, 19).replaceAll(":", "-");
  const files = { html: join(to, `${name}.html`), json: join(to, `${name}.json`) };
  const page = renderPage(report);
  const json = `${JSON.stringify(report, undefined, 2)}\n`;
  await writeFile(files.html, page);
  await writeFile(files.json, json);
  if (also.html !== undefined) await writeFile(also.html, page);
  if (also.out !== undefined) await writeFile(also.out, json);
  return { html: also.html ?? files.html, json: also.out ?? files.json };
}
