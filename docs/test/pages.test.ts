import { existsSync, readdirSync, readFileSync } from "node:fs";
import { inProcess } from "@ringline/in-process";
import { webgpu } from "@ringline/webgpu";
import { describe, expect, test } from "vitest";
import { type Block, deadLinks, readPage } from "./read-page.js";
import { type Example, linesOf, loadExample } from "./run-example.js";

const docs = new URL("../", import.meta.url);
const names = ["patterns", "concepts", "guides"].flatMap((folder) =>
  readdirSync(new URL(folder, docs))
    .sort()
    .map((name) => `${folder}/${name}`),
);
const pages = names.map((name) => [name, readPage(new URL(name, docs))] as const);
const index = readPage(new URL("README.md", docs));

const places = [inProcess(), inProcess({ copy: true })];
/** Programs with compute kernels run on a device as well. */
const placesOf = (file: URL) =>
  /defineComputeKernel|webgpu\/kernels/.test(readFileSync(file, "utf8"))
    ? [...places, webgpu(), webgpu({ readback: "lazy" })]
    : places;

const examples = new Map<string, Promise<Example>>();
function exampleOf({ file, line }: Block): Promise<Example> {
  if (file === undefined) throw new Error(`the block of line ${line} belongs to no program: link it above`);
  const example = examples.get(file.href) ?? loadExample(file);
  examples.set(file.href, example);
  return example;
}

describe.each(pages)("%s", (_, { blocks }) => {
  const those = (language: string) =>
    blocks.filter((block) => block.language === language).map((block) => [block.line, block] as const);
  const [code, prints, drawings] = [those("ts"), those("text"), those("mermaid")];

  test("has blocks of these kinds only", () => {
    expect(blocks.length).toBe(code.length + prints.length + drawings.length);
  });

  test.for(code)("line %i: the code is part of the program", ([, { file, text }]) => {
    const program = readFileSync(file as URL, "utf8");
    expect(variants(text).some((variant) => `\n${program}`.includes(`\n${variant}`))).toBe(true);
  });

  test.for(prints)("line %i: the program prints this", async ([, block]) => {
    const wanted = new RegExp(`^${block.text.trimEnd().split("…").map(escaped).join("[^\\n]+")}$`);
    for (const place of placesOf(block.file as URL)) {
      expect((await linesOf(await exampleOf(block), place)).join("\n")).toMatch(wanted);
    }
  });

  test.for(drawings)("line %i: the drawing is what describe() gives", async ([, block]) => {
    const { drawings } = await exampleOf(block);
    if (drawings.length > 0) expect(drawings).toContain(block.text);
    else expect(block.text).toMatch(/^flowchart LR\n/); // drawn by hand, of kernels that were linked by hand
  });
});

/** As it is, and as it stands in a function. */
function variants(text: string): string[] {
  return [text, text.replace(/^(?=.)/gm, "  ")];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

test("every page is in the index", () => {
  const listed = index.links.map(({ href }) => href);
  for (const name of names) expect(listed).toContain(new URL(name, docs).href);
});

test("every program is on a page", () => {
  const shown = pages.flatMap(([, { links }]) => links.map(({ href }) => href));
  for (const name of readdirSync(new URL("examples/", docs))) {
    expect(shown).toContain(new URL(`examples/${name}`, docs).href);
  }
});

const others = [
  "README.md",
  "architecture.md",
  "errors.md",
  "glossary.md",
  "install.md",
  "message-path.md",
  "values.md",
  "performance.md",
  "conformance-cases.md",
  "conformance-broken-backends.md",
  ...readdirSync(new URL("decisions", docs)).map((name) => `decisions/${name}`),
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "apps/child-processes/README.md", "apps/examples/README.md"].map(
    (name) => `../${name}`,
  ),
].map((name) => [name, readPage(new URL(name, docs))] as const);

test.for([...others, ...pages])("the links of %s lead somewhere", ([, page]) => {
  expect(deadLinks(page)).toEqual([]);
});

test("the page on the architecture tells of every folder of core", () => {
  const text = readFileSync(new URL("architecture.md", docs), "utf8");
  const folders = readdirSync(new URL("../packages/core/src", docs), { withFileTypes: true });
  for (const folder of folders.filter((entry) => entry.isDirectory()))
    expect(text).toContain(`| \`${folder.name}\` | `);
});

test("the recipes of CONTRIBUTING name files that exist", () => {
  const text = readFileSync(new URL("../CONTRIBUTING.md", docs), "utf8");
  const recipes = text.slice(text.indexOf("## Recipes"), text.indexOf("## What a change needs"));
  const roots = ["", "packages/core/src/", "packages/worker-threads/src/", "packages/nats/src/"];
  const paths = [...recipes.matchAll(/`([\w./-]+\/[\w./-]+)`/g)].map(([, path]) => path as string);
  const missing = paths.filter((path) => !path.includes("NN") && !roots.some((root) => isThere(`../${root}${path}`)));
  expect(paths.length).toBeGreaterThan(20);
  expect(missing).toEqual([]);
});

function isThere(path: string): boolean {
  return existsSync(new URL(path, docs));
}
