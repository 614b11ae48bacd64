import { findServer } from "@ringline/nats/testing";
import { expect, test } from "vitest";
import { runDemo } from "./run-demo.js";

test("the flights, with tables", async () => {
  const { code, stdout, stderr } = await runDemo(["--limit", "2000", "--corrupt", "4"]);
  expect(code).toBe(0);
  for (const part of [
    "Average delay by hour",
    "Average delay by distance",
    "Worst and best",
    "Telemetry",
    "Self-check",
  ]) {
    expect(stdout).toContain(part);
  }
  expect(stdout).toMatch(/1 × INVALID_MESSAGE in clean: .*\n +such as \{/);
  expect(stdout).toMatch(/^ {2}clean +2,001 +1,997 +4 /m);
  expect(stdout).toContain("2,000 rows in = 1,996 flights out + 4 dead letters");
  expect(stdout).not.toContain("FAILED");
  expect(stderr).toMatch(/^0 rows, /);
});

test("--json: one line, of this shape", async () => {
  const { code, stdout } = await runDemo([
    "--json",
    "--limit",
    "500",
    "--corrupt",
    "5",
    "--backend",
    "in-process-copy",
  ]);
  expect(code).toBe(0);
  const line = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  expect(Object.keys(line)).toEqual(["rows", "ok", "backend", "seconds", "deadLetters"]);
  expect(line).toMatchObject({ rows: 500, ok: true, backend: "in-process-copy", deadLetters: 5 });
  expect(line.seconds).toBeGreaterThan(0);
});

test.each(["worker-threads", "webgpu"])("on %s: the same result", async (backend) => {
  const { code, stdout } = await runDemo(["--json", "--limit", "2000", "--corrupt", "5", "--backend", backend]);
  expect(code).toBe(0);
  const line = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  expect(line).toMatchObject({ rows: 2000, ok: true, backend, deadLetters: 5 });
});

test.skipIf(findServer() === undefined)("on two other processes: the same result", async () => {
  const args = ["--json", "--limit", "2000", "--corrupt", "5", "--backend", "nats", "--hosts", "2"];
  const { code, stdout } = await runDemo(args);
  expect(code).toBe(0);
  const line = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  expect(line).toMatchObject({ rows: 2000, ok: true, backend: "nats", deadLetters: 5 });
});

test.each(["in-process", "worker-threads", "webgpu"])(
  "anomalies on %s: the alarms of a plain loop",
  async (backend) => {
    const { code, stdout } = await runDemo(["anomalies", "--backend", backend]);
    expect(stdout).toContain("ok      the same 32 alarms as a plain loop");
    expect(stdout.includes("submits")).toBe(backend === "webgpu");
    expect(code).toBe(0);
  },
);

test.each(["in-process", "webgpu"])("arrays of a million on %s: the means of a plain loop", async (backend) => {
  const { code, stdout } = await runDemo(["arrays", "--backend", backend]);
  expect(stdout).toContain("ok      the same means");
  expect(code).toBe(0);
});

test.each(["worker-threads", "webgpu"])("clusters on %s: every flight with the nearest centre", async (backend) => {
  const { code, stdout } = await runDemo(["clusters", "--backend", backend]);
  expect(stdout).toContain("ok      every flight");
  expect(code).toBe(0);
});

test.each(["simple-pipeline", "coordinator", "diamond"])("the pattern %s prints the same on threads", async (name) => {
  const [here, threads] = await Promise.all(
    [[], ["--backend", "worker-threads"]].map((backend) => runDemo(["patterns", name, ...backend])),
  );
  expect(threads).toMatchObject({ code: 0, stdout: here?.stdout });
});

test.each(["--backend nowhere", "--limit none", "patterns nothing", "--unknown"])(
  "%s: usage, exit code 2",
  async (line) => {
    const { code, stdout, stderr } = await runDemo(line.split(" "));
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("Usage: npm run demo");
  },
);

test("--help and the list of patterns", async () => {
  const [help, list] = await Promise.all([runDemo(["--help"]), runDemo(["patterns", "--list"])]);
  expect([help.code, list.code]).toEqual([0, 0]);
  expect(help.stdout).toContain("--corrupt N");
  expect(list.stdout.trimEnd().split("\n")).toHaveLength(9);
});

test("a pattern by name", async () => {
  const { code, stdout, stderr } = await runDemo(["patterns", "diamond"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^diamond: .*\n9 words/);
});

test.skipIf(process.platform === "win32")("Ctrl-C ends it, with what was done so far", async () => {
  let interrupted = false;
  const { code, signal, stdout } = await runDemo([], (stderr, child) => {
    if (interrupted || !/^[1-9][\d,]* rows/m.test(stderr)) return;
    interrupted = true;
    child.kill("SIGINT");
  });
  expect([code, signal]).toEqual([130, null]);
  expect(stdout).toContain("interrupted");
  expect(stdout).toContain("Telemetry");
  expect(stdout).not.toContain("FAILED");
  expect(stdout).not.toContain("200,000 rows in");
});
