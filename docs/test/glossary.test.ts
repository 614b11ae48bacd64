import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/.*/g;
const packages = new URL("../../packages/", import.meta.url);
const glossary = readFileSync(new URL("../glossary.md", import.meta.url), "utf8");
const terms = [...glossary.matchAll(/^\| ([a-z][^|]*) \|/gm)].flatMap(([, term]) => (term as string).split(", "));

/** Identifiers of all sources, in lower case. */
const identifiers = new Set(
  readdirSync(packages)
    .flatMap((name) => sources(new URL(`${name}/src/`, packages)))
    .flatMap((text) => text.match(/[A-Za-z_]\w+/g) ?? [])
    .map((identifier) => identifier.toLowerCase()),
);

function sources(folder: URL): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(new URL(name.replaceAll("\\", "/"), folder), "utf8").replace(COMMENTS, ""));
}

test("has at most 40 rows", () => {
  expect(glossary.match(/^\| [a-z]/gm)?.length).toBeLessThanOrEqual(40);
});

test.each(terms)("the code uses %s in a name", (term) => {
  const word = term.replaceAll(" ", "").replace(/s$/, "");
  expect([...identifiers].some((identifier) => identifier.includes(word))).toBe(true);
});
