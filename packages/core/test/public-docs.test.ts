import ts from "typescript";
import { expect, test, vi } from "vitest";
import { repository } from "./support/repository.js";
import { sourceProgram } from "./support/source-program.js";

vi.setConfig({ testTimeout: 120_000 }); // much work: on a busy machine it takes its time

const entries = ["core", "in-process", "worker-threads", "webgpu", "nats", "sqlite", "opentelemetry"];
/** Names whose documentation says nothing: what a hover shows is this text. */
const files = entries.map((name) => `${repository}packages/${name}/src/index.ts`);

test("each public name says what it is", () => {
  const program = sourceProgram(files);
  const checker = program.getTypeChecker();
  const silent = files.flatMap((file) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file) as ts.SourceFile) as ts.Symbol;
    return checker
      .getExportsOfModule(module)
      .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
      .filter((symbol) => symbol.getDocumentationComment(checker).length === 0)
      .map(({ name }) => `${file.slice(repository.length)}: ${name}`);
  });
  expect(silent).toEqual([]);
});
