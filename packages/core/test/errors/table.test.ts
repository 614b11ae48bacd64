import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { errors } from "../../src/errors/ringline-error.js";
import { type ErrorCode, type ErrorTable, wordings } from "../../src/errors/table.js";
import { repository } from "../support/repository.js";

/** Details of every code; that none is missing here is checked by the compiler. */
const samples: ErrorTable = {
  QUEUE_FULL: { queueSize: 4 },
  TIMEOUT: { operation: "receive", timeout: 100 },
  ABORTED: { operation: "receive" },
  TERMINATED: { operation: "send" },
  CANCELLED: { flow: "stats" },
  NO_REPLY: { consumedBy: "sink" },
  LATE_REPLY: { asker: "the host" },
  EXPIRED: { late: 3 },
  KERNEL_STATE: { state: "active", wanted: "launched" },
  KERNEL_UNKNOWN: { known: [] },
  KERNEL_EXISTS: { backend: "main" },
  KERNEL_FAILED: { restarts: 0 },
  MODULE_MISSING: { module: null },
  RUNTIME_IN_KERNEL_MODULE: { module: "file:///kernels.js" },
  PORT_LINKED: { to: ["b"] },
  INVALID_TOPOLOGY: { topology: "stats", nodes: ["a"], problem: 'nobody reads what "a" sends' },
  FLOW_BUSY: { flow: "stats" },
  NO_ROUTE: { node: "route" },
  JOIN_INCOMPLETE: { node: "join", missing: ["left"] },
  TYPE_MISMATCH: { wanted: ["A", "B"], got: "C" },
  INVALID_MESSAGE: { type: "A", issues: [{ message: "is wrong", path: ["a", 0] }, { message: "too" }] },
  INVALID_ARGUMENT: { argument: "timeout", value: -1 },
  SERIALIZATION: { path: "steps.0" },
  UNSUPPORTED: { backend: "main", capability: "gpu" },
  BACKEND_UNAVAILABLE: { backend: "main" },
  DEVICE_LOST: { reason: "it was destroyed" },
};
const codes = Object.keys(samples) as ErrorCode[];

test("every code has a class, a text and a remedy", () => {
  expect(Object.keys(errors).sort()).toEqual([...codes].sort());
  for (const code of codes) {
    const { text, remedy } = wordings[code] as {
      text: (details: object, kernelId: string | null) => string;
      remedy: string;
    };
    expect(remedy).toMatch(/^[A-Z].*\.$/);
    const said = text(samples[code], "k");
    expect(said).toMatch(/\.$/);
    expect(said).not.toMatch(/null|undefined|\[object/);
  }
});

test.each([3, "x", undefined, null, { a: [1] }, () => {}, 1n, Symbol("x")])("a wrong argument can be %o", (value) => {
  expect(new errors.INVALID_ARGUMENT({ argument: "a", value }).message).not.toBe("");
});

describe("docs/errors.md", () => {
  interface Row {
    readonly code: string;
    readonly when: string;
    readonly details: string;
    readonly remedy: string;
  }
  const page = readFileSync(`${repository}docs/errors.md`, "utf8");
  const rows: Row[] = page.split("\n").flatMap((line) => {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
    const [, code = "", when = "", details = "", remedy = ""] = cells;
    return code.startsWith("`") ? [{ code: unquoted(code), when, details: unquoted(details), remedy }] : [];
  });
  const source = readFileSync(`${repository}packages/core/src/errors/table.ts`, "utf8");
  const declared = [...source.matchAll(/^ {2}([A-Z_]+): \{ (.*) \};$/gm)];

  test("lists every code, in the order of the table, with its details", () => {
    expect(rows.map(({ code, details }) => [code, details])).toEqual(
      declared.map(([, code, details]) => [code, details]),
    );
    expect(rows.map(({ code }) => code).sort()).toEqual([...codes].sort());
  });

  test("says when each happens, and gives the remedy that the error gives", () => {
    expect(rows.filter(({ when }) => when === "")).toEqual([]);
    expect(rows.map(({ code, remedy }) => [code, remedy])).toEqual(
      rows.map(({ code }) => [code, wordings[code as ErrorCode].remedy]),
    );
  });
});

function unquoted(cell: string): string {
  return cell.replace(/^`(.*)`$/, "$1");
}
