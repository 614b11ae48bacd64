import { readdirSync, readFileSync } from "node:fs";
import type ts from "typescript";
import { describe, expect, test } from "vitest";
import { repository } from "./support/repository.js";
import { lineOf, sourceProgram, texts } from "./support/source-program.js";

const folder = `${repository}packages/core/test/types/`;
const files = readdirSync(folder).map((name) => folder + name);
/** Least number of refusals: the 73 of the plan, and those found since. */
const REFUSALS = 170;
/** Errors that mean a slip of the test, not a refusal: names and modules that are not there, types not inferred. */
const SLIPS = new Set([2304, 2305, 2307, 2552, 2724, 7006, 7031]);

test("what must compile does; what must not is refused for its types, line by line", () => {
  const bare = new Map(
    files.map((file) => [file, readFileSync(file, "utf8").replaceAll("@ts-expect-error", "refused:")]),
  );
  const program = sourceProgram(files, bare);
  const wrong: string[] = [];
  let refusals = 0;
  for (const file of files) {
    const source = program.getSourceFile(file) as ts.SourceFile;
    const found = program.getSemanticDiagnostics(source);
    source.text.split("\n").forEach((text, index) => {
      const here = found.filter(({ start }) => lineOf(source, start) === index + 2);
      const slips = here.filter(({ code }) => SLIPS.has(code) && !text.includes("a node that does not exist"));
      const isRefused = text.includes("// refused:");
      if (isRefused) refusals++;
      if (isRefused ? here.length === 0 || slips.length > 0 : here.length > 0) {
        wrong.push(`${file}:${index + 2} ${here.length === 0 ? "compiles" : texts(here)}`);
      }
    });
  }
  expect(wrong).toEqual([]);
  expect(refusals).toBeGreaterThanOrEqual(REFUSALS);
});

/** Measured instantiations and 30 % more; seconds would depend on the machine. */
describe("the checker's work stays within its budget", () => {
  test.each([
    { file: "usage.ts", measured: 24_543 },
    { file: "usage-topologies.ts", measured: 21_840 },
    { file: "usage-compute.ts", measured: 17_716 },
  ])("patterns in $file", ({ file, measured }) => {
    expect(instantiations(folder + file)).toBeLessThan(measured * 1.3);
  });

  test("a stage more costs as much as the one before", () => {
    const chain = (stages: number) => `
      import { body, defineKernel, defineMessage, pipeline } from "@ringline/core";
      
      ${list(stages, (i) => `const M${i} = defineMessage("M${i}", body<{ f${i}: number }>());`)}
      ${list(stages - 1, (i) => `const k${i} = defineKernel({ id: "k${i}", input: M${i}, output: M${i + 1}, handle: () => undefined });`)}
      export const chain = pipeline("chain")${list(stages - 1, (i) => `.stage(k${i}, { workers: 2 })`)};`;
    const cost = (stages: number) => instantiations(`${folder}chain.ts`, chain(stages));
    const [ten, twenty, forty] = [cost(10), cost(20), cost(40)];
    expect((forty - twenty) / 20).toBeLessThan(570 * 1.3);
    expect((forty - twenty) / 20).toBeLessThan(((twenty - ten) / 10) * 1.1);
  });

  const runtimeOf = (kernels: number, sends = kernels) => `
      import { type Backend, body, createRuntime, defineKernel, defineMessage } from "@ringline/core";
      declare const backend: Backend;
      ${list(kernels, (i) => `const M${i} = defineMessage("M${i}", body<{ f${i}: number }>());`)}
      ${list(kernels, (i) => `const k${i} = defineKernel({ id: "k${i}", input: M${i}, output: M${i}, handle: (m) => m });`)}
      const runtime = createRuntime({ backend, kernels: [${list(kernels, (i) => `k${i},`)}] });
      ${list(sends, (i) => `runtime.send("k${i}", M${i}({ f${i}: 1 }));`)}`;

  test("twice the kernels in a runtime cost twice as much", () => {
    const cost = (kernels: number) => instantiations(`${folder}many.ts`, runtimeOf(kernels, 1));
    const [fifty, hundred, twoHundred] = [cost(50), cost(100), cost(200)];
    expect((twoHundred - hundred) / 100).toBeLessThan(358 * 1.3);
    expect((twoHundred - hundred) / 100).toBeLessThan(((hundred - fifty) / 50) * 1.1);
  });

  test("a kernel more in a runtime costs little more than the one before", () => {
    const cost = (kernels: number) => instantiations(`${folder}many.ts`, runtimeOf(kernels));
    const [ten, twenty, forty] = [cost(10), cost(20), cost(40)];
    expect((forty - twenty) / 20).toBeLessThan(662 * 1.3);
    // each lookup by id passes over all kernels, which is cheap but grows
    expect((forty - twenty) / 20).toBeLessThan(((twenty - ten) / 10) * 1.5);
  });
});

function list(length: number, each: (i: number) => string): string {
  return Array.from({ length }, (_, i) => each(i)).join("\n");
}

/** Number of types that the compiler instantiates for one file and its imports. */
function instantiations(file: string, text?: string): number {
  const program = sourceProgram([file], text === undefined ? new Map() : new Map([[file, text]]));
  expect(texts(program.getSemanticDiagnostics(program.getSourceFile(file)))).toEqual([]);
  return program.getInstantiationCount();
}
