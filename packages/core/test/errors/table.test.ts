import { describe, expect, test } from "vitest";
import { errors } from "../../src/errors/ringline-error.js";
import { type ErrorCode, type ErrorTable, wordings } from "../../src/errors/table.js";
import { repository } from "../support/repository.js";
import { errorsPage } from "./errors-page.js";

/** Details of every code; that none is missing here is checked by the compiler. */
const samples: ErrorTable = {
  QUEUE_FULL: { queueSize: 4 },
  TIMEOUT: { operation: "receive", timeout: 100 },
  ABORTED: { operation: "receive" },
  TERMINATED: { operation: "send" },
  CANCELLED: { flow: "stats" },
  NO_REPLY: { consumedBy: "sink" },
  LATE_REPLY: { requester: "the host" },
  LATE_DATA: { time: 99, watermark: 150 },
  EXPIRED: { late: 3 },
  KERNEL_STATE: { state: "active", wanted: "launched" },
  KERNEL_UNKNOWN: { known: [] },
  KERNEL_EXISTS: { backend: "main" },
  KERNEL_FAILED: { restarts: 0 },
  MODULE_MISSING: { module: null },
  CORE_TWICE: { type: "T", by: "1.0.0", here: "2.0.0" },
  RUNTIME_IN_KERNEL_MODULE: { module: "file:///kernels.js" },
  PORT_LINKED: { to: ["b"] },
  INVALID_TOPOLOGY: { topology: "stats", nodes: ["a"], problem: 'nobody reads what "a" sends' },
  FLOW_BUSY: { flow: "stats" },
  FLOW_TAKEN: { flow: "stats" },
  IN_DOUBT: { operation: "send", flow: "stats" },
  STATE_VERSION: { version: 1, known: 2 },
  NO_ROUTE: { node: "route" },
  JOIN_INCOMPLETE: { node: "join", missing: ["left"] },
  TYPE_MISMATCH: { wanted: ["A", "B"], got: "C" },
  INVALID_MESSAGE: { type: "A", issues: [{ message: "is wrong", path: ["a", 0] }, { message: "too" }] },
  INVALID_ARGUMENT: { argument: "timeout", value: -1 },
  OUTPUT_OVERFLOW: { array: "kept", capacity: 10, needed: 12 },
  SERIALIZATION: { path: "steps.0" },
  UNSUPPORTED: { backend: "main", capability: "gpu" },
  BACKEND_UNAVAILABLE: { backend: "main" },
  DEVICE_LOST: { reason: "it was destroyed" },
  THREAD_LOST: { thread: 1, reason: "it exited with code 1", suspects: ["k"] },
  HOST_LOST: { host: "here", reason: "it has ended" },
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
  const page = errorsPage();

  test("has a line for every code, which says when it happens", () => {
    for (const code of codes)
      expect(page).toMatch(new RegExp(`^\\| \`${code}\` \\| \\S.* \\| \\S.* \\| \\S.* \\|$`, "m"));
  });

  test("is what the table gives", async () => {
    await expect(page).toMatchFileSnapshot(`${repository}docs/errors.md`);
  });
});
