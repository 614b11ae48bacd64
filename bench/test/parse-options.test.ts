import { describe, expect, it } from "vitest";
import { PARTS, parseOptions } from "../src/cli/parse-options.js";
import { HELP } from "../src/cli/usage.js";
import { UsageError } from "../src/cli/usage-error.js";
import { quick, standard } from "../src/parameters.js";
import { observed, streams, watched } from "../src/streams.js";
import { subjects } from "../src/subjects.js";
import { threadSubjects } from "../src/threads/subjects.js";
import { windows } from "../src/windows.js";

function parsed(...args: string[]) {
  const command = parseOptions(args);
  if (command.kind !== "run") throw new Error(`is ${command.kind}`);
  return command;
}

describe("parseOptions", () => {
  it("compares all subjects in all workloads when nothing is said", () => {
    const { parts, subjects: names, parameters, json, out } = parsed();
    expect(parts).toEqual(PARTS.filter((part) => part !== "soak"));
    const all = [...subjects, ...streams, ...observed, ...watched, ...windows, ...threadSubjects].map(
      ({ name }) => name,
    );
    expect(names).toEqual([...new Set(all)]);
    expect(parameters).toEqual(standard);
    expect({ json, out }).toEqual({ json: false, out: undefined });
  });

  it("leaves out what takes long for a first look, unless it is asked for", () => {
    const { parts, subjects: names } = parsed("--quick");
    for (const slow of ["heap", "overload", "gpu", "soak", "threads-cpu", "threads-arrays"]) {
      expect(parts).not.toContain(slow);
    }
    expect(parts).toEqual(expect.arrayContaining(["echo", "patterns", "threads-echo", "threads-round-trip", "idle"]));
    expect(names).not.toContain("workerpool");
    expect(parsed("--quick", "--subject", "workerpool").subjects).toEqual(["workerpool"]);
    expect(parsed("--quick", "--only", "threads-cpu").parts).toEqual(["threads-cpu"]);
  });

  it("takes lists, in any order and with spaces", () => {
    expect(parsed("--only", "chain,echo").parts).toEqual(["echo", "chain"]);
    expect(parsed("--subject", "fastq, floor").subjects).toEqual(["floor", "fastq"]);
  });

  it("adds checks to a choice and runs them alone without one", () => {
    expect(parsed("--heap").parts).toEqual(["heap"]);
    expect(parsed("--only", "echo", "--overload").parts).toEqual(["echo", "overload"]);
    expect(parsed("--only", "heap", "--heap").parts).toEqual(["heap"]);
  });

  it("lets --pairs win over --quick, which shrinks the rest", () => {
    expect(parsed("--quick").parameters).toEqual(quick);
    expect(parsed("--quick", "--pairs", "3").parameters).toEqual({ ...quick, pairs: 3 });
  });

  it("takes patterns by name, whole or cell by cell", () => {
    expect(parsed("--only", "simple,dag/1KB,echo")).toMatchObject({
      parts: ["echo", "patterns"],
      cells: ["simple", "dag/1KB"],
    });
    expect(parsed("--only", "patterns").cells).toEqual([]);
  });

  it("leaves out what runs on other backends", () => {
    const { parts, subjects: names, backends } = parsed("--backend", "in-process");
    expect(backends).toEqual(["in-process"]);
    expect(parts.filter((part) => part.startsWith("threads-"))).toEqual([]);
    expect(names.filter((name) => name.startsWith("thread-"))).toEqual([]);
    expect(parsed("--backend", "worker-threads").subjects.filter((name) => name.startsWith("ringline-"))).toEqual([]);
  });

  it("soaks for a time", () => {
    expect(parsed("--soak", "10m")).toMatchObject({ parts: ["soak"], parameters: { soakSeconds: 600 } });
  });

  it("starts no more processes than there are pairs", () => {
    expect(parsed("--pairs", "2").parameters.passes).toBe(2);
    expect(parsed("--passes", "5").parameters.passes).toBe(5);
  });

  it("knows help and list", () => {
    expect(parseOptions(["-h"]).kind).toBe("help");
    expect(parseOptions(["--list", "--json"]).kind).toBe("list");
  });

  it.each([
    [["--bad"]],
    [["extra"]],
    [["--only", "nothing"]],
    [["--only", ""]],
    [["--subject", "floor,nobody"]],
    [["--pairs", "0"]],
    [["--pairs", "1.5"]],
    [["--pairs", "many"]],
    [["--pairs"]],
    [["--passes", "0"]],
    [["--backend", "moon"]],
    [["--only", "simple/2KB"]],
    [["--soak", "ten"]],
    [["--soak", "0s"]],
    [["--json=yes"]],
  ])("refuses %j", (args) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
  });

  it("explains every option and part in its help", () => {
    for (const name of [
      "only",
      "subject",
      "pairs",
      "quick",
      "heap",
      "overload",
      "soak",
      "backend",
      "passes",
      "json",
      "out",
      "html",
      "list",
      "help",
    ]) {
      expect(HELP).toContain(`  --${name}`);
    }
    for (const part of PARTS) expect(HELP).toContain(part);
  });
});
