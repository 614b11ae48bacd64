import { describe, expect, test } from "vitest";
import { parseCommand } from "../src/cli/parse-command.js";
import { UsageError } from "../src/cli/usage-error.js";
import { patterns } from "../src/patterns/patterns.js";

const parse = (line: string) => parseCommand(line.split(" ").filter((word) => word !== ""));

test("without arguments all flights run on the default backend", () => {
  const standard = { backend: "in-process", limit: 200_000, corrupt: 0, hosts: 2, json: false };
  expect(parse("")).toEqual({ kind: "flights", ...standard });
});

test("every option is read", () => {
  expect(parse("--backend in-process-copy --limit 100 --corrupt 3 --json")).toEqual({
    kind: "flights",
    backend: "in-process-copy",
    limit: 100,
    corrupt: 3,
    hosts: 2,
    json: true,
  });
  expect(parse("--backend nats --hosts 3")).toMatchObject({ backend: "nats", hosts: 3 });
  expect(parse("--limit 1000000")).toMatchObject({ limit: 200_000 });
});

test("patterns: all, some in their own order, the list", () => {
  expect(parse("patterns")).toEqual({ kind: "patterns", backend: "in-process", patterns });
  const some = parse("patterns diamond simple-pipeline --backend in-process-copy");
  expect(some).toMatchObject({
    backend: "in-process-copy",
    patterns: [{ name: "simple-pipeline" }, { name: "diamond" }],
  });
  expect(parse("patterns --list")).toEqual({ kind: "list" });
});

test.each(["--help", "-h", "patterns --help"])("%s", (line) => {
  expect(parse(line)).toEqual({ kind: "help" });
});

describe("refused", () => {
  test.each([
    ["--backend threads", "threads"],
    ["--backend", "--backend"],
    ["--limit 0", "--limit"],
    ["--limit 1.5", "--limit"],
    ["--limit=", "--limit"],
    ["--corrupt=-1", "--corrupt"],
    ["--limit 10 --corrupt 11", "--corrupt"],
    ["--json --nonsense", "--nonsense"],
    ["fights", "fights"],
    ["patterns nothing", "nothing"],
    ["patterns --json", "--json"],
    ["patterns --backend toString", "toString"],
  ])("%s", (line, named) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(named);
  });
});
