import { readFileSync } from "node:fs";
import { body, createRuntime, defineKernel, defineMessage } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { expect, test } from "vitest";

const page = new URL("../message-path.md", import.meta.url);
const sections = readFileSync(page, "utf8").split(/^## /m);

interface Hop {
  readonly name: string;
  readonly file: string;
}

function hopsOf(text: string): Hop[] {
  return [...text.matchAll(/`([\w.]+)`[^[`]*\[[^\]]+\]\(([^)]+\.ts)\)/g)].map(([, name, file]) => ({
    name: name as string,
    file: file as string,
  }));
}

const hops = sections.flatMap(hopsOf);

test("the page has its four ways", () => {
  expect(hops.length).toBeGreaterThan(40);
});

test.each(hops)("$name is in $file", ({ name, file }) => {
  const source = readFileSync(new URL(file, page), "utf8");
  const [first, method] = name.split(".") as [string, string | undefined];
  if (method === undefined) return expect(source).toMatch(new RegExp(`(function|class) ${first}\\b`));
  expect(source).toMatch(new RegExp(`class ${first}\\b`));
  expect(source).toMatch(new RegExp(`^  (async )?${method}(\\(|<|\\b.*=>|\\?:|: )`, "m"));
});

test("in one process, a message passes the hops of the page in one call stack", async () => {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const Ping = defineMessage("Ping", body<{ n: number }>());
  let stack = "";
  const kernel = defineKernel({
    id: "pong",
    input: Ping,
    output: Ping,
    handle(ping) {
      stack = new Error().stack ?? "";
      return ping;
    },
  });
  try {
    await using runtime = createRuntime({ backend: inProcess() });
    await runtime.start(kernel);
    await runtime.send(kernel, Ping({ n: 1 }));
  } finally {
    Error.stackTraceLimit = limit;
  }
  const toBody = hopsOf(sections.find((text) => text.startsWith("In one process"))?.split("From the body")[0] ?? "");
  const files = toBody.map(({ file }) => file.replace("../", "")).reverse();
  const passed = stack.split("\n").map((line) => files.find((file) => line.includes(file)));
  const inOrder = [...new Set(passed.filter((file) => file !== undefined))];
  // what only queues, takes or marks a message has returned by then
  const returned = ["queues.ts", "wrapping-inlets.ts", "kernel-host.ts"];
  expect(inOrder).toEqual([...new Set(files)].filter((file) => !returned.some((name) => file.endsWith(name))));
});
