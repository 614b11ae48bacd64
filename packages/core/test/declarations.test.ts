import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtDeclarations } from "./support/built-declarations.js";
import { repository } from "./support/repository.js";
import { texts } from "./support/source-program.js";

const core = `${repository}packages/core/`;
const hidden = ["@standard-schema", "uuid"];
let home: string;

/**
 * A user's project, as a strict package manager lays it out: it finds core and zod; what core itself depends on is found
 * from core alone.
 */
beforeAll(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "ringline-declarations-")));
  const installed = join(home, "node_modules/.store/core/node_modules");
  mkdirSync(join(home, "node_modules/@ringline"), { recursive: true });
  mkdirSync(join(installed, "@ringline/core"), { recursive: true });
  cpSync(`${core}package.json`, join(installed, "@ringline/core/package.json"));
  await builtDeclarations(join(installed, "@ringline/core/dist"));
  symlinkSync(join(installed, "@ringline/core"), join(home, "node_modules/@ringline/core"), "junction");
  symlinkSync(realpathSync(`${core}node_modules/zod`), join(home, "node_modules/zod"), "junction");
  symlinkSync(realpathSync(`${core}node_modules/@standard-schema`), join(installed, "@standard-schema"), "junction");
  writeFileSync(join(home, "package.json"), `{ "type": "module" }`);
  cpSync(`${core}test/types/user-module.ts`, join(home, "user-module.ts"));
}, 120_000);

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
  const program = ts.createProgram([join(home, "user-module.ts")], { ...options, outDir: join(home, "library") });
  const user = program.getSourceFile(join(home, "user-module.ts"));
  const ours = program.getSourceFiles().filter(({ fileName }) => fileName.includes("/@ringline/core/dist/"));
  expect(ours.length).toBeGreaterThan(0);
  for (const file of [user, ...ours]) expect(texts(program.getSemanticDiagnostics(file))).toEqual([]);
  expect(texts(program.getDeclarationDiagnostics(user))).toEqual([]);
  program.emit(user, undefined, undefined, true);

  const declarations = readFileSync(join(home, "library/user-module.d.ts"), "utf8");
  for (const name of hidden) expect(declarations).not.toContain(name);
  expect(declarations).not.toMatch(/\bany\b/);

  // and whoever has only the declarations gets the types
  const consumer = join(home, "consumer.ts");
  writeFileSync(consumer, CONSUMER);
  const other = ts.createProgram([consumer], { ...options, noEmit: true });
  expect(texts(other.getSemanticDiagnostics(other.getSourceFile(consumer)))).toEqual([]);
});

const CONSUMER = `
import { type Backend, type Message, StageFailure, type Topology } from "@ringline/core";
import { Checked, chain, copy, Flush, forks, issuesOf, makeRaw, startRuntime } from "./library/user-module.js";
export async function use(backend: Backend) {
  const runtime = startRuntime(backend);
  const reply = await runtime.request("normalise", makeRaw([1]));
  const unit: string = reply.unit;
  const id: "normalise_2" = copy.id;
  await runtime.send("report", Checked({ values: [1] }));
  // @ts-expect-error the kernel takes something else
  await runtime.send("report", makeRaw([1]));
  // @ts-expect-error an id that the runtime does not know
  await runtime.launch("other");
  type Input = Message<"Raw", { values: number[] }> | ReturnType<typeof Flush>;
  const topology: Topology<Input, Message<"Raw", { values: number[] }> | ReturnType<typeof Flush> | StageFailure, never> = forks;
  const places: Topology<Input, unknown, "threads"> = chain;
  // @ts-expect-error it names a backend
  const none: Topology<Input, unknown, never> = chain;
  // @ts-expect-error its results may be failures
  const sound: Topology<Input, Input, never> = forks;
  return { topology, places, none, sound, unit, id, issues: issuesOf(reply).length };
}
`;
