import { describe, expect, it } from "vitest";
import { PARTS, parseOptions, UsageError } from "../src/cli/parse-options.js";
import { HELP } from "../src/cli/usage.js";
import { quick, standard } from "../src/parameters.js";
import { observed, streams } from "../src/streams.js";
import { subjects } from "../src/subjects.js";
import { threadSubjects } from "../src/threads/subjects.js";

function parsed(...args: string[]) {
  const command = parseOptions(args);
  if (command.kind !== "run") throw new Error(`is ${command.kind}`);
  return command;
}

describe("parseOptions", () => {
  it("compares all subjects in all workloads when nothing is said", () => {
    const { parts, subjects: names, parameters, json, out } = parsed();
    expect(parts).toEqual(["echo", "round-trip", "chain", "flow", "telemetry"]);
    const all = [...subjects, ...streams, ...observed, ...threadSubjects].map(({ name }) => name);
    expect(names).toEqual([...new Set(all)]);
    expect(parameters).toBe(standard);
    expect({ json, out }).toEqual({ json: false, out: undefined });
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
    expect(parsed("--quick").parameters).toBe(quick);
    expect(parsed("--quick", "--pairs", "3").parameters).toEqual({ ...quick, pairs: 3 });
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
    [["--json=yes"]],
  ])("refuses %j", (args) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
  });

  it("explains every option and part in its help", () => {
    for (const name of ["only", "subject", "pairs", "quick", "heap", "overload", "json", "out", "list", "help"]) {
      expect(HELP).toContain(`  --${name}`);
    }
    for (const part of PARTS) expect(HELP).toContain(part);
  });
});
