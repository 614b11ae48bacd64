import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repository, texts } from "./support/source-program.js";

const core = `${repository}packages/core/`;
const hidden = ["@standard-schema", "uuid"];
let home: string;

/**
 * A user's project, as a strict package manager lays it out: it finds core and zod; what core itself depends on is found
 * from core alone. The declarations are built anew, as they are for publishing.
 */
beforeAll(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "ringline-declarations-")));
  const installed = join(home, "node_modules/.store/core/node_modules");
  mkdirSync(join(home, "node_modules/@ringline"), { recursive: true });
  mkdirSync(join(installed, "@ringline/core"), { recursive: true });
  cpSync(`${core}package.json`, join(installed, "@ringline/core/package.json"));
  const tsup = [`${repository}node_modules/tsup/dist/cli-default.js`, "--dts-only", "--format", "esm", "--out-dir"];
  await promisify(execFile)(process.execPath, [...tsup, join(installed, "@ringline/core/dist")], { cwd: core });
  symlinkSync(join(installed, "@ringline/core"), join(home, "node_modules/@ringline/core"), "dir");
  symlinkSync(realpathSync(`${core}node_modules/zod`), join(home, "node_modules/zod"), "dir");
  symlinkSync(realpathSync(`${core}node_modules/@standard-schema`), join(installed, "@standard-schema"), "dir");
  writeFileSync(join(home, "package.json"), `{ "type": "module" }`);
  cpSync(`${core}test/fixtures/user-module.ts`, join(home, "user-module.ts"));
}, 60_000);

afterAll(() => rmSync(home, { recursive: true, force: true }));

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  declaration: true,
};

test("declarations of a user's module need none of our dependencies", () => {
  const program = ts.createProgram([join(home, "user-module.ts")], options);
  expect(texts(ts.getPreEmitDiagnostics(program))).toEqual([]);
  const emitted = program.emit(undefined, undefined, undefined, true);
  expect(texts(emitted.diagnostics)).toEqual([]);
  const declarations = readFileSync(join(home, "user-module.d.ts"), "utf8");
  console.log(declarations);
  for (const name of hidden) expect(declarations).not.toContain(name);
  expect(declarations).not.toMatch(/\bany\b/);
});
