import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { main } from "../src/cli/main.js";

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const sound = fixture("my-backend.mjs");
const broken = fixture("roomy-backend.mjs");

describe("the command, from its sources", () => {
  let [out, err] = ["", ""];
  beforeEach(() => {
    [out, err] = ["", ""];
    vi.spyOn(console, "log").mockImplementation((text: string) => {
      out += `${text}\n`;
    });
    vi.spyOn(console, "error").mockImplementation((text: string) => {
      err += `${text}\n`;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  test.each([
    ["no module", []],
    ["a module that is not there", ["./nowhere.js"]],
    ["a package that is not there", ["not-installed-anywhere"]],
    ["a module without backends", [fixture("no-backend.mjs")]],
    ["a backend twice", [sound, broken]],
    ["an unknown option", [sound, "--colour"]],
    ["a law that is none", [sound, "--law", "11"]],
    ["a law that is no number", [sound, "--law", "first"]],
    ["an option without its value", [sound, "--law"]],
    ["a text that no case has", [sound, "--only", "no case is called this"]],
  ])("%s is wrong usage: code 2, and how it is used", async (_, args) => {
    expect(await main(args)).toBe(2);
    expect(err).toMatch(/^Usage: /m);
    expect(out).toBe("");
  });

  test("--help says what there is", async () => {
    expect(await main(["--help"])).toBe(0);
    for (const option of ["--law", "--only", "--json", "--list", "--help"]) expect(out).toContain(option);
    expect(await main(["-h"])).toBe(0);
  });

  test("--list prints cases, with the same selection", async () => {
    expect(await main(["--list", "--law", "10", "--only", "dispose twice"])).toBe(0);
    expect(out.trim()).toMatch(/^law 10: dispose twice.*$/);
  });

  test("a sound backend passes: a table by law, then the total", async () => {
    expect(await main([sound, "--only", "factory:"])).toBe(0);
    expect(out).toMatch(/^my backend$/m);
    expect(out).toMatch(/^ +8 {2}One program, every place +6 +0 +0$/m);
    expect(out.trim().split("\n").at(-1)).toBe("6 passed, 0 failed, 0 skipped");
  });

  test("a broken backend fails: code 1, the case and its code", async () => {
    expect(await main([broken, "--law", "4", "--only", "block: a launched kernel"])).toBe(1);
    expect(out).toMatch(/FAILED +law 4: block: a launched kernel fills up to its capacity/);
    expect(out).toContain("CASE_FAILED");
    expect(out.trim().split("\n").at(-1)).toBe("1 passed, 1 failed, 0 skipped");
  });

  test("--json prints one line, and failures to standard error", async () => {
    expect(await main([broken, "--json", "--law", "4", "--only", "block: a launched kernel"])).toBe(1);
    expect(JSON.parse(out)).toEqual({
      backends: [
        { name: "my backend", passed: 1, failed: 0, skipped: [] },
        { name: "roomy backend", passed: 0, failed: 1, skipped: [] },
      ],
    });
    expect(err).toMatch(/FAILED +law 4/);
  });
});

describe("the command, as it was built", () => {
  const command = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

  test("ends by itself, with nothing but JSON on standard output", async () => {
    const { code, out } = await run(process.execPath, [command, sound, "--json", "--law", "10"]).ended;
    expect(code).toBe(0);
    const { backends } = JSON.parse(out);
    expect(backends).toEqual([{ name: "my backend", passed: expect.any(Number), failed: 0, skipped: [] }]);
    expect(backends[0].passed).toBeGreaterThan(20);
  }, 60_000);

  test("Ctrl-C ends the case that runs, begins no other, and gives 130", async () => {
    const { child, ended } = run(process.execPath, [command, fixture("talking-backend.mjs"), "--json"]);
    const made = new Promise((resolve) => child.stderr.on("data", (text) => `${text}`.includes("made") && resolve(1)));
    await Promise.race([made, ended]);
    child.kill("SIGINT");
    const { code, out, err } = await ended;
    expect(code).toBe(130);
    expect(out).toBe("");
    expect(err).toMatch(/^Interrupted: \d+ passed, 0 failed, 0 skipped$/m);
  }, 60_000);

  test("its kernels are files of their own, which other places can load", async () => {
    const { code, out, err } = await run(process.execPath, [fixture("load-kernels.mjs")]).ended;
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(Number(out)).toBeGreaterThan(20);
  }, 60_000);

  test("CommonJS can require it", async () => {
    const { code, out, err } = await run(process.execPath, [fixture("required.cjs")]).ended;
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(Number(out)).toBeGreaterThan(5);
  }, 60_000);

  test("node:test runs the same cases", async () => {
    const { code, out } = await run(process.execPath, ["--test", "--test-reporter=tap", fixture("node-test-use.mjs")])
      .ended;
    expect(code).toBe(1);
    expect(out).toMatch(/^ *ok \d+ - law 4, backpressure is real: block: a launched kernel fills up/m);
    expect(out).toMatch(/^ *not ok \d+ - law 4, backpressure is real: block: a launched kernel fills up/m);
  }, 60_000);
});

test("the backend of the README is the one that is tested", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const code = readFileSync(sound, "utf8").replace(/[/][*][*].*[*][/]\n/, "");
  expect(readme).toContain(code);
});

function run(file: string, args: readonly string[]) {
  const { CI: _, NODE_OPTIONS: __, NODE_TEST_CONTEXT: ___, ...env } = process.env;
  const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    err += text;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
  return { child, ended };
}
