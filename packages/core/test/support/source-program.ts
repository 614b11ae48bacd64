import { readFileSync } from "node:fs";
import ts from "typescript";
import { repository } from "./repository.js";

const parsed = new Map<string, ts.SourceFile | undefined>();

/** A program over files of this repository under its own compiler options; `texts` stand in for files. */
export function sourceProgram(roots: readonly string[], texts: ReadonlyMap<string, string> = new Map()): ts.Program {
  const options = optionsOfRepository();
  const host = ts.createCompilerHost(options, true);
  const { getSourceFile, readFile, fileExists } = host;
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  // what several programs share, such as the DOM's types, is parsed once
  host.getSourceFile = (name, ...rest) => {
    if (texts.has(name)) return getSourceFile(name, ...rest);
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, ...rest));
    return parsed.get(name);
  };
  return ts.createProgram({ rootNames: roots, options, host });
}

/** Texts of the compiler's diagnostics, one line each. */
export function texts(diagnostics: readonly ts.Diagnostic[]): string[] {
  return diagnostics.map(({ file, start, code, messageText }) => {
    const line = file === undefined ? "" : `${file.fileName}:${lineOf(file, start)} `;
    return `${line}TS${code} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

/** Counted from 1. */
export function lineOf(file: ts.SourceFile, position: number | undefined): number {
  return file.getLineAndCharacterOfPosition(position ?? 0).line + 1;
}

function optionsOfRepository(): ts.CompilerOptions {
  const file = `${repository}tsconfig.base.json`;
  const { config, error } = ts.parseConfigFileTextToJson(file, readFileSync(file, "utf8"));
  if (error !== undefined) throw new Error(texts([error])[0]);
  return ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, repository).options;
}
