import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { stage, staged } from "../site/stage.mjs";

test("the pages of the site can be gathered: no link leads nowhere, no page is there twice", () => {
  const links = stage().flatMap(({ items }) => items.map(({ link }) => link));
  expect(links).toContain("/concepts/messages");
  expect(new Set(links).size).toBe(links.length);
});

test.each(["concepts", "guides", "patterns"])("the sidebar has every page of %s", (folder) => {
  const links = stage().flatMap(({ items }) => items.map(({ link }) => link));
  const pages = readdirSync(new URL(`../${folder}`, import.meta.url)).map((name) => name.replace(/\.md$/, ""));
  expect(links.filter((link) => link.startsWith(`/${folder}/`)).sort()).toEqual(
    pages.map((page) => `/${folder}/${page}`).sort(),
  );
});

test("every link within the site starts at its root, also one whose text is on two lines", () => {
  stage();
  const files = readdirSync(staged, { recursive: true, encoding: "utf8" });
  const pages = files.filter((file) => file.endsWith(".md") && !file.startsWith("api"));
  const relative = pages.flatMap((page) => {
    const text = readFileSync(`${staged}${page}`, "utf8").replace(/^```[\s\S]*?^```/gm, "");
    return [...text.matchAll(/\]\((?!https?:|#|\/)([^)]+)\)/g)].map(([, to]) => `${page}: ${to}`);
  });
  expect(relative).toEqual([]);
});
