import { writeFile } from "node:fs/promises";
import { renderPage } from "../page/render-page.js";
import { readReport } from "../report/read-report.js";
import { EXIT, print } from "./exit.js";
import { UsageError } from "./usage-error.js";
import { parse } from "./values.js";

const flags = { html: { type: "string" } } as const;

/** `render FILE.json`: the page of a report that is there, beside it or where `--html` says. */
export async function renderCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, flags, true);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError("render takes one JSON file");
  const to = values.html ?? `${file.replace(/\.json$/, "")}.html`;
  const page = renderPage(await readReport(file));
  await writeFile(to, page).catch((error: Error) => {
    throw new UsageError(`cannot write ${to}: ${error.message}`);
  });
  await print(`Report: ${to}\n`);
  return EXIT.done;
}
