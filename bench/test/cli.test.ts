import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../src/report/report.js";

/** As it was built: children load it too. */
const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringline-bench-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `onError`: sees what was written to stderr so far. */
function run(args: readonly string[], onError?: (text: string, interrupt: () => void) => void): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
    onError?.(stderr, () => child.kill("SIGINT"));
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

describe.skipIf(!existsSync(program))("the command", () => {
  it.each([
    [["--nonsense"]],
    [["--only", "nothing"]],
    [["compare", "one.json"]],
    [["compare", "a.json", "b.json"]],
    [["render"]],
    [["render", "nowhere.json"]],
    [["recommend"]],
    [["browser", "--port", "0"]],
  ])("refuses %j with a line of usage, and exits 2", async (args) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^Usage: npm run bench/m);
  });

  it("measures, prints where the report is, and compares a report with itself", async () => {
    const out = join(folder, "a.json");
    const html = join(folder, "a.html");
    const args = ["--quick", "--pairs", "3", "--passes", "2", "--only", "echo", "--subject", "ringline-handle"];
    const { code, stdout } = await run([...args, "--out", out, "--html", html]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Report: ${html}`);
    expect(await readFile(html, "utf8")).toContain("ringline-handle");
    const report = JSON.parse(await readFile(out, "utf8")) as Report;
    expect(report.workloads[0]?.subjects[0]?.passes).toEqual([2, 2]);
    expect(report.workloads[0]?.subjects[0]?.costs?.cpuPerMessage).toBeGreaterThan(0);
    const drawn = join(folder, "again.html");
    expect((await run(["render", out, "--html", drawn])).code).toBe(0);
    expect(await readFile(drawn, "utf8")).toBe(await readFile(html, "utf8"));
    const compared = await run(["compare", out, out, "--json"]);
    expect(compared.code).toBe(0);
    expect(JSON.parse(compared.stdout).rows).toMatchObject([{ workload: "echo", slowdown: 1 }]);
  });

  it("keeps what it has when it is interrupted, and says where", async () => {
    const out = join(folder, "b.json");
    const args = ["--only", "echo,chain", "--subject", "ringline-handle", "--passes", "1", "--out", out];
    let isSent = false;
    const { code, stdout } = await run(args, (text, interrupt) => {
      if (isSent || !text.includes("chain")) return;
      isSent = true;
      interrupt();
    });
    expect(code).toBe(130);
    expect(stdout).toContain("Interrupted");
    expect(stdout).toContain(`Figures: ${out}`);
    const report = JSON.parse(await readFile(out, "utf8")) as Report;
    expect(report.interrupted).toBe(true);
    expect(report.workloads[0]?.name).toBe("echo");
  });
});
