import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PARTS, parseOptions } from "../src/cli/parse-options.js";
import { observed, streams, watched } from "../src/streams.js";
import { subjects } from "../src/subjects.js";
import { threadSubjects } from "../src/threads/subjects.js";
import { fakeReport, fakeRow, fakeWorkload } from "./fake-report.js";

const folder = new URL("../", import.meta.url);
const readme = readFileSync(new URL("README.md", folder), "utf8");

describe("README", () => {
  it("has a row for every subject and every part", () => {
    const measured = readme.slice(readme.indexOf("## What is measured"), readme.indexOf("## How"));
    const rows = [...measured.matchAll(/^\| `(.+?)` \|/gm)].map((match) => match[1]);
    const names = [...subjects, ...streams, ...observed, ...watched, ...threadSubjects].map(({ name }) => name);
    expect(new Set(rows)).toEqual(new Set([...PARTS, ...names]));
  });

  it("shows commands that are understood", () => {
    const commands = [...readme.matchAll(/^npm run bench(?: -- ([^#\n]*?))?\s*(?:#.*)?$/gm)];
    expect(commands.length).toBeGreaterThan(3);
    for (const [, args] of commands) expect(parseOptions(args?.split(" ") ?? []).kind).toBe("run");
  });

  it("has a row for every field of a report, and of a row of it", () => {
    const report = fakeReport([fakeWorkload([fakeRow("a", [[1]])])]);
    const schema = readme.slice(readme.indexOf("## What `--json` prints"));
    const [workload] = report.workloads;
    const [subject] = workload?.subjects ?? [];
    for (const field of [report, workload, subject, subject?.costs].flatMap((part) => Object.keys(part ?? {}))) {
      expect(schema, field).toContain(`\`${field}\``);
    }
  });

  it("links to files that exist", () => {
    for (const [, file] of readme.matchAll(/\]\((src\/.*?)\)/g))
      expect(existsSync(new URL(file!, folder)), file).toBe(true);
  });
});
