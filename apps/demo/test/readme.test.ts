import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseCommand } from "../src/cli/parse-command.js";
import { patterns } from "../src/patterns/patterns.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("every pattern is listed as it is", () => {
  const rows = readme.match(/^\| \[.*$/gm);
  expect(rows).toEqual(patterns.map(({ name, summary }) => `| [${name}](src/patterns/${name}.ts) | ${summary} |`));
});

test("every command of the README is understood", () => {
  const commands = [...readme.matchAll(/^npm run demo(?: --)?(.*?)(?:#.*)?$/gm)].map(([, args]) => args!.trim());
  expect(commands.length).toBeGreaterThan(4);
  for (const command of commands) expect(() => parseCommand(command.split(" ").filter(Boolean))).not.toThrow();
});
