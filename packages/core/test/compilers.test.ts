import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { repository } from "./support/repository.js";

vi.setConfig({ testTimeout: 120_000 }); // much work: on a busy machine it takes its time

const folder = `${repository}packages/core/test/`;
/** A folder in the repository, so that the packages of the tests are found from it. */
const home = mkdtempSync(join(folder, ".compilers-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The compilers that people have. Version 5.9 lacks what `later-decisions.ts` needs. */
const compilers = [
  { version: "5.9", file: "typescript/lib/tsc.js" },
  { version: "6", file: "typescript-6/lib/tsc.js" },
  { version: "7", file: "typescript-7/bin/tsc" },
];
const later: readonly string[] = ["6", "7"];
const messages = new Map<string, ReadonlyMap<string, string>>();

test.each(compilers)("TypeScript $version: what must compile does, and nothing else", async ({ version, file }) => {
  const files = [
    "../types/*.ts",
    "../compilers/mistakes.ts",
    ...(later.includes(version) ? ["../compilers/later-*.ts"] : []),
  ];
  const config = { extends: "../../../../tsconfig.base.json", include: files };
  writeFileSync(join(home, `${version}.json`), JSON.stringify(config));
  const found = await errorsOf(`${repository}node_modules/${file}`, join(home, `${version}.json`));
  expect(found.filter((line) => !line.includes("mistakes.ts("))).toEqual([]);
  messages.set(version, byMistake(found));
});

/** To be read as somebody would who has made the mistake: the first line is what an editor shows. */
test("each mistake has a message", async () => {
  expect([...messages.keys()]).toEqual(compilers.map(({ version }) => version));
  const text = mistakes.map(({ name }) => {
    const lines = new Map<string, string[]>();
    for (const [version, found] of messages) {
      const line = found.get(name) ?? "compiles";
      lines.set(line, [...(lines.get(line) ?? []), version]);
    }
    expect([...lines.keys()], name).not.toContain("compiles");
    const said = [...lines].map(([line, versions]) =>
      lines.size === 1 ? line : `TypeScript ${versions.join(", ")}: ${line}`,
    );
    return [name, ...said.map((line) => `  ${line}`)].join("\n");
  });
  await expect(`${text.join("\n\n")}\n`).toMatchFileSnapshot("compilers/mistakes.txt");
});

/** Runs a compiler; returns its errors, one line each. */
function errorsOf(compiler: string, project: string): Promise<string[]> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [compiler, "-p", project, "--pretty", "false"],
      { cwd: folder, maxBuffer: 2 ** 26 },
      (_, output) => resolve(output.split("\n").filter((line) => /^\S/.test(line))),
    );
  });
}

/** Names of the mistakes in `mistakes.ts`, each with the line of its comment. */
const mistakes = readFileSync(`${folder}compilers/mistakes.ts`, "utf8")
  .split("\n")
  .flatMap((line, i) => (line.startsWith("// mistake: ") ? [{ name: line.slice(12), at: i + 1 }] : []));

/** The first message about each mistake. */
function byMistake(found: readonly string[]): ReadonlyMap<string, string> {
  const messages = new Map<string, string>();
  for (const line of found) {
    const [, at, message = ""] = /mistakes\.ts\((\d+),\d+\): error TS\d+: (.*)/.exec(line) ?? [];
    const name = mistakes.filter((mistake) => mistake.at < Number(at)).pop()?.name ?? "none";
    if (!messages.has(name)) messages.set(name, message);
  }
  return messages;
}
