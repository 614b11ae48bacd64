import { readFileSync } from "node:fs";
import { type ErrorCode, wordings } from "../../src/errors/table.js";
import { repository } from "../support/repository.js";

const HEAD = `# Errors

Every error of Ringline has a \`code\`, \`details\` that belong to the code, a \`remedy\` that says what to do, and
\`kernelId\`, \`stage\` and \`messageId\` where they apply (else null). \`cause\` is what was thrown underneath.

Test the code, with \`isRinglineError(error, "TIMEOUT")\` or \`error.code\`: codes and details survive threads and
processes, classes do not. \`errors\` has one class for each code, to throw yourself: \`new errors.TIMEOUT(details)\`.

A dead letter's \`reason\` is one of these codes, too.

<!-- Made from the comments and details in packages/core/src/errors/table.ts: npx vitest run packages/core/test/errors -u -->
`;
const SECTION = /^ {2}\/\/ (.+)$/;
const CODE = /^ {2}([A-Z_]+): \{ (.*) \};$/;

/** The page of error codes: the sections, comments and details of the table, and the remedies that the errors give. */
export function errorsPage(): string {
  const source = readFileSync(`${repository}packages/core/src/errors/table.ts`, "utf8");
  const table = source.slice(source.indexOf("interface ErrorTable {"), source.indexOf("export type ErrorCode"));
  let page = HEAD;
  let when = "";
  for (const line of table.split("\n").slice(1)) {
    const section = SECTION.exec(line)?.[1];
    const [, code, details] = CODE.exec(line) ?? [];
    if (section !== undefined) page += `\n## ${capital(section)}\n\n| Code | When | Details | Remedy |\n${RULE}`;
    else if (code === undefined) when += ` ${line.replace(/^ *(\/\*\*|\*\/|\*)|\*\/$/g, "").trim()}`;
    else {
      const cells = [`\`${code}\``, when.trim(), `\`${details}\``, wordings[code as ErrorCode].remedy];
      page += `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
      when = "";
    }
  }
  return page;
}

const RULE = "| --- | --- | --- | --- |\n";

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
