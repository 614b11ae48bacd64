import { expect, test } from "vitest";
import { stage } from "../site/stage.mjs";

test("the pages of the site can be gathered: no link leads nowhere, no page is there twice", () => {
  const links = stage().flatMap(({ items }) => items.map(({ link }) => link));
  expect(links).toContain("/concepts/messages");
  expect(new Set(links).size).toBe(links.length);
});
