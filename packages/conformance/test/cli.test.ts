import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test, vi } from "vitest";

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const command = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const sound = fixture("my-backend.mjs");
const broken = fixture("roomy-backend.mjs");
const faulty = fixture("faulty-backend.mjs");
const [law, one] = ["3", "priority: neighbours"];
const none = { passed: 0, slow: [], failed: 0, overdue: 0, expected: 0, notRun: 0, failures: [], skipped: [] };
/** For what hangs on purpose. */
const quick = ["--patience", "0.2"];

const block = ["--law", "4", "--only", "block: a launched kernel"];
const filled = "law 4: block: a launched kernel fills up to its capacity, then its senders wait";
/** Beside the fixtures, so that what is in it can import them. */
const folder = mkdtempSync(fixture("run-"));
afterAll(() => rmSync(folder, { recursive: true }));
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("the arguments", () => {
  test.each([
    ["no module", []],
    ["a module that is not there", ["./nowhere.js"]],
    ["a package that is not there", ["not-installed-anywhere"]],
    ["a module without backends", [fixture("no-backend.mjs")]],
    ["a module without a default export", [fixture("no-default.mjs")]],
    ["a module with an empty list", [fixture("empty-list.mjs")]],
    ["a backend twice", [sound, broken]],
    ["an unknown option", [sound, "--colour"]],
    ["a law that is none", [sound, "--law", "99"]],
    ["a law that is no number", [sound, "--law", "first"]],
    ["an empty law", [sound, "--law="]],
    ["one law that is none among others", [sound, "--law", "3", "--law", "0"]],
    ["an option without its value", [sound, "--law"]],
    ["an empty text", [sound, "--only", ""]],
    ["a text that no case has", [sound, "--only", "no case is called this"]],
    ["a list of a text that no case has", ["--list", "--only", "no case is called this"]],
    ["a shard that is none", [sound, "--shard", "2"]],
    ["a shard beyond the last", [sound, "--shard", "3/2"]],
    ["a shard before the first", [sound, "--shard", "0/2"]],
    ["a patience that is no number", [sound, "--patience", "much"]],
    ["no patience", [sound, "--patience", "0"]],
    ["two formats", [sound, "--json", "--tap"]],
    ["a file for the text", [sound, "--output", "nowhere.txt"]],
    ["expected failures that are not there", [sound, "--expected-failures", "nowhere.txt"]],
    ["a page of nothing", ["--page", "nowhere.md"]],
    ["a page of results that are not there", ["--page", "nowhere.md", "nowhere.json"]],
    ["a page of what holds no results", ["--page", "nowhere.md", fixture("../../package.json")]],
  ])("%s is wrong usage: code 2, and how it is used", async (_, args) => {
    const { code, out, err } = await conformance(...args);
    expect(code).toBe(2);
    expect(err).toMatch(/^Usage: /m);
    expect(err).not.toMatch(/TypeError|^ +at /m);
    expect(out).toBe("");
  });

  test("--help says what there is", async () => {
    const { code, out } = await conformance("--help");
    expect(code).toBe(0);
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const options = [...out.matchAll(/^ {2}--.*/gm)].flatMap(([line]) => line.match(/--[a-z-]+/g) ?? []);
    expect(options.length).toBeGreaterThan(14);
    for (const option of options) expect(readme).toContain(`\`${option}`);
  });

  test("--list prints cases, with the same selection", async () => {
    const { code, out } = await conformance("--list", "--law", "10", "--only", "dispose twice");
    expect(code).toBe(0);
    expect(out.trim()).toMatch(/^law 10: dispose twice.*$/);
  });

  test.skipIf(process.platform === "win32")("--list is whole behind a pipe, which takes 64 KiB at once", async () => {
    const piped = spawn("sh", ["-c", `"${process.execPath}" "${command}" --list | cat`]);
    const chunks: Buffer[] = await piped.stdout.toArray();
    expect(Buffer.concat(chunks).toString()).toBe((await conformance("--list")).out);
  });

  test("--list --json prints them as data; --law and --only can be given again", async () => {
    const { out } = await conformance(
      "--list",
      "--json",
      "--law",
      "3",
      "--law",
      "10",
      "--only",
      "first",
      "--only",
      "dispose",
    );
    const cases: { law: number; case: string }[] = JSON.parse(out);
    expect(new Set(cases.map(({ law }) => law))).toEqual(new Set([3, 10]));
    expect(cases.every((one) => /first|dispose/i.test(one.case))).toBe(true);
  });

  test("--shard parts the cases: each is in one part, and the parts are alike in size", async () => {
    const lines = async (...args: string[]) =>
      (await conformance("--list", "--law", "4", ...args)).out.trim().split("\n");
    const all = await lines();
    const parts = await Promise.all(["1/3", "2/3", "3/3"].map((part) => lines("--shard", part)));
    expect(parts.flat().sort()).toEqual(all.sort());
    for (const part of parts) expect(Math.abs(part.length - all.length / 3)).toBeLessThan(1);
  });
});

describe("a run", () => {
  test("of a sound backend passes: a table by law, then the total", async () => {
    const { code, out } = await conformance(sound, "--only", "factory: makes");
    expect(code).toBe(0);
    expect(out).toMatch(/^my backend$/m);
    expect(out).toMatch(/^ +8 {2}One program, every place +2 +0 +0$/m);
    expect(out.trim().split("\n").at(-1)).toBe("2 passed, 0 failed, 0 skipped");
  });

  test("of a broken backend fails: code 1, the case, its error and where it was thrown", async () => {
    const { code, out } = await conformance(broken, "--law", "4", "--only", "block: a launched kernel");
    expect(code).toBe(1);
    expect(out).toMatch(
      /FAILED +law 4: block: a launched kernel fills up to its capacity.*\(roomy backend\)\n +CASE_FAILED .*\n +at /,
    );
    expect(out.trim().split("\n").at(-1)).toBe("1 passed, 1 failed, 0 skipped");
  });

  test("with --json prints one line, which names each failure, and the failures to standard error", async () => {
    const { code, out, err } = await conformance(broken, "--json", "--law", "4", "--only", "block: a launched kernel");
    expect(code).toBe(1);
    const failure = {
      law: 4,
      case: expect.stringContaining("block: a launched kernel fills up"),
      code: "CASE_FAILED",
      message: expect.any(String),
      stack: expect.stringContaining("CaseFailure"),
    };
    expect(JSON.parse(out)).toEqual({
      interrupted: false,
      leaks: "checked",
      stale: [],
      backends: [
        { ...none, name: "my backend", passed: 1 },
        { ...none, name: "roomy backend", failed: 1, failures: [failure] },
      ],
    });
    expect(err).toMatch(/FAILED +law 4/);
  });

  test("ends by itself, with nothing but JSON on standard output, whatever a backend prints", async () => {
    const { code, out } = await conformanceOf("start print", "--json", "--law", "10");
    expect(code).toBe(0);
    const [{ passed, failed }] = JSON.parse(out).backends;
    expect(failed).toBe(0);
    expect(passed).toBeGreaterThan(20);
  });
});

describe("other formats", () => {
  test("--tap: a line for each case, with its error", async () => {
    const { code, out } = await conformance(broken, "--tap", ...block);
    expect(code).toBe(1);
    const [version, plan, first, second, ...diagnosis] = out.trim().split("\n");
    expect([version, plan]).toEqual(["TAP version 14", "1..2"]);
    expect(first).toBe(`ok 1 - my backend: ${filled}`);
    expect(second).toBe(`not ok 2 - roomy backend: ${filled}`);
    expect(diagnosis[0]).toBe("  ---");
    expect(diagnosis[1]).toBe('  code: "CASE_FAILED"');
    expect(diagnosis.at(-1)).toBe("  ...");
  });

  test("--junit --output: XML in a file, and the text on standard output", async () => {
    const path = join(folder, "junit.xml");
    const { code, out } = await conformance(broken, "--junit", "--output", path, ...block);
    expect(code).toBe(1);
    expect(out.trim().split("\n").at(-1)).toBe("1 passed, 1 failed, 0 skipped");
    const xml = readFileSync(path, "utf8");
    expect(xml).toMatch(
      /<testsuite name="roomy backend, law 4: Backpressure is real" tests="1" failures="1" errors="0"/,
    );
    expect(xml).toMatch(/<testcase classname="my backend.law 4" name="block: a launched .*" time="[\d.]+"\/>/);
    expect(xml).toMatch(/<failure type="CASE_FAILED" message="[^"<]+">[^<]+at [^<]+<\/failure>/);
  });

  test("a case that ran out of time is told apart: OVERDUE, counted, an error and not a failure", async () => {
    const hang = (...args: string[]) => conformanceOf("start hang", ...quick, "--law", law, "--only", one, ...args);
    const [text, json, junit] = await Promise.all([hang(), hang("--json"), hang("--junit")]);
    expect(text.out).toMatch(/^ {2}OVERDUE {2}law 3: .*\n +CASE_OVERDUE .*not settled after/m);
    expect(text.err).toContain("1 of 1 failures ran out of time");
    expect(JSON.parse(json.out).backends[0]).toMatchObject({
      failed: 1,
      overdue: 1,
      failures: [{ code: "CASE_OVERDUE" }],
    });
    expect(junit.out).toMatch(/failures="0" errors="1"/);
    expect(junit.out).toContain('<error type="CASE_OVERDUE"');
  });

  test("--results: each case with its outcome; --page and --badge are made of them", async () => {
    const paths = ["results.json", "page.md", "badge.svg"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const [results, page, badge] = paths;
    await conformance(broken, "--results", results, ...block);
    const { runtime, backends } = JSON.parse(readFileSync(results, "utf8"));
    expect(runtime).toBe(`Node ${process.versions.node}`);
    expect(backends[1].cases[0]).toMatchObject({
      law: 4,
      case: expect.any(String),
      outcome: "failed",
      time: expect.any(Number),
    });
    expect((await conformance("--page", page, "--badge", badge, results)).code).toBe(0);
    const text = readFileSync(page, "utf8");
    expect(text).toContain(`| Law | my backend on ${runtime} | roomy backend on ${runtime} |`);
    expect(text).toContain(`| ${filled.slice("law 4: ".length)} | ✓ | ✗ |`);
    expect(readFileSync(badge, "utf8")).toMatch(/<svg .*failed/s);
  });
});

describe("expected failures", () => {
  const withFile = async (text: string, ...args: string[]) =>
    conformance(broken, "--expected-failures", file(`${Math.random()}.txt`, text), ...block, ...args);

  test("do not fail the run, and are counted", async () => {
    const { code, out } = await withFile(`# known\n\n${filled} (roomy backend)\n`);
    expect(code).toBe(0);
    expect(out).not.toContain("FAILED");
    expect(out.trim().split("\n").at(-1)).toBe("1 passed, 0 failed, 0 skipped, 1 failed as expected");
  });

  test("hold for all backends where none is named", async () => {
    expect((await withFile(filled)).code).toBe(0);
  });

  test.each([
    ["passes", `${filled} (my backend)`],
    ["does not exist", "law 4: block: no such case"],
  ])("are stale when their case %s: the run fails", async (_, line) => {
    const { code, err, out } = await withFile(`${filled}\n${line}\n`, "--json");
    expect(code).toBe(1);
    expect(err).toContain(`STALE    ${line}`);
    expect(JSON.parse(out).stale).toEqual([line]);
  });

  test("are not stale where their case is not chosen", async () => {
    expect((await withFile(`${filled}\nlaw 3: ${one.replace("neighbours", "no case")}\n`)).code).toBe(1);
    const other = (await conformance("--list", "--law", "10")).out.trim().split("\n")[0];
    expect((await withFile(`${filled}\n${other}\n`)).code).toBe(0);
  });
});

describe("--watch", () => {
  test("runs again after a change of a file beside the module, and Ctrl-C ends it", async () => {
    const module = file("watched.mjs", 'export { default } from "../my-backend.mjs";');
    const { child, ended, printed } = run([command, module, "--watch", "--law", law, "--only", one]);
    const runs = (count: number) =>
      vi.waitUntil(() => printed().split("Waiting for a change").length > count, { timeout: 120_000 });
    await runs(1);
    expect(printed()).toMatch(/^1 passed, 0 failed/m);
    writeFileSync(module, "export default 1;");
    await runs(2);
    expect(printed()).toContain("watched.mjs must export by default");
    writeFileSync(module, 'export { default } from "../my-backend.mjs"; // again');
    await runs(3);
    expect(printed().match(/^1 passed, 0 failed/gm)).toHaveLength(2);
    child.kill("SIGINT");
    await ended;
  });
});

describe("a module that is faulty when it is loaded is wrong usage, and is named:", () => {
  test.each(["null", "undefined", "string", "frozen", "bare", "hostile", "exit", "kill", "hang", "disconnect"])(
    "%s",
    async (deed) => {
      const { code, out, err } = await conformanceOf(`import ${deed}`);
      expect(err).toContain("faulty-backend.mjs");
      expect(err).not.toContain("TypeError");
      expect(err).toMatch(/^Usage: /m);
      expect(out).toBe("");
      expect(code).toBe(2);
    },
  );
});

describe("a fault while cases run is a failure of the case, and the next one runs:", () => {
  const moments = ["create", "start", "port", "kernel", "dispose"];
  const deeds = ["exit", "kill", "disconnect", "null", "undefined", "frozen", "hostile", "revoked", "stray", "timer"];
  test.each(moments.map((moment, i) => [moment, deeds[i] as string, deeds[i + 5] as string]))(
    "in %s: %s, %s",
    async (moment, ...deeds) => {
      for (const deed of deeds) {
        const { code, out } = await conformanceOf(`${moment} ${deed}`, "--json", "--law", law, "--only", "a");
        const [{ failed, failures }] = JSON.parse(out).backends;
        expect(code, deed).toBe(1);
        expect(failed, deed).toBeGreaterThan(0);
        expect(failures).toHaveLength(failed);
        for (const { case: name, code, message } of failures) {
          expect([typeof name, typeof code, typeof message]).toEqual(["string", "string", "string"]);
        }
      }
    },
  );

  test("an error that nobody caught is shown beside the failure that it led to", async () => {
    const only = ["--law", law, "--only", one];
    const { out } = await conformanceOf("kernel consequence", ...only);
    expect(out).toMatch(/^ +cause: .*what follows/m);
    expect(out).toMatch(/^ +caught by nobody: Error: the reason\n +at .*faulty-backend[.]mjs:/m);
    const [{ failures }] = JSON.parse((await conformanceOf("kernel consequence", "--json", ...only)).out).backends;
    expect(failures[0].uncaught).toContain("the reason");
  });

  test("create that gives no backend is said so", async () => {
    const { code, out } = await conformanceOf("nothing", "--law", law, "--only", one);
    expect(code).toBe(1);
    expect(out).toContain('create of subject "faulty" returned undefined');
  });

  test("process.exitCode is not the exit code of the command", async () => {
    expect(await conformanceOf("start exitCode", "--law", law, "--only", one)).toMatchObject({ code: 0 });
  });

  test("a subject that loses one process after the other is given up, and the next one is run", async () => {
    const { code, out, err } = await run([command, faulty, sound, "--json", "--law", "3"], { FAULT: "start exit" })
      .ended;
    expect(code).toBe(1);
    expect(err).toContain("Given up");
    const [first, second] = JSON.parse(out).backends;
    expect(first).toMatchObject({ passed: 0, failed: 3 });
    expect(first.notRun).toBeGreaterThan(0);
    expect(second).toMatchObject({ failed: 0, notRun: 0 });
  });
});

describe.concurrent("what never ends is ended:", () => {
  test("a module that computes for ever", async () => {
    const { code, err } = await conformanceOf("import spin", ...quick);
    expect(err).toContain("faulty-backend.mjs");
    expect(code).toBe(2);
  });

  test("a case that waits for ever, in a start that never settles", async () => {
    const { code, out } = await conformanceOf("start hang", ...quick, "--law", law, "--only", one);
    expect(code).toBe(1);
    expect(out).toMatch(/OVERDUE.*\n.*not settled after/);
  });

  test("an endless loop: the process is ended, and the run goes on", async () => {
    const { code, out } = await conformanceOf("kernel spin", ...quick, "--json", "--law", law, "--only", one);
    expect(code).toBe(1);
    expect(JSON.parse(out).backends[0].failures).toMatchObject([{ law: 3, code: "CASE_OVERDUE" }]);
  });

  test("a case that runs out of time once is repeated by itself, and is slow when it passes then", async () => {
    let runs = 0;
    const args = [command, faulty, ...quick, "--law", law, "--only", one];
    const slowly = (...more: string[]) =>
      run([...args, ...more], { FAULT: "start hangOnce", MARK: join(folder, `mark-${runs++}`) }).ended;
    const path = join(folder, "slow.json");
    const [text, json, junit, tap] = await Promise.all([
      slowly("--results", path),
      slowly("--json"),
      slowly("--junit"),
      slowly("--tap"),
    ]);
    expect([text, json, junit, tap].map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(text.out).toMatch(
      /^ {2}OVERDUE {2}law 3: .*^ {2}SLOW {6}law 3: [^\n]*\n +passed in \d+ ms [^\n]*CASE_OVERDUE/ms,
    );
    expect(text.out.trim().split("\n").at(-1)).toBe("1 passed, 0 failed, 0 skipped, 1 of those that passed slow");
    const first = { law: 3, code: "CASE_OVERDUE", message: expect.stringContaining("not settled after") };
    expect(JSON.parse(json.out).backends[0]).toMatchObject({ passed: 1, failed: 0, overdue: 0, slow: [first] });
    expect(junit.out).toMatch(/failures="0" errors="0"/);
    expect(junit.out).toContain('<flakyError type="CASE_OVERDUE"');
    expect(tap.out).toMatch(/^ok 1 - .*\n {2}---\n {2}slow: "passed in /m);
    expect(JSON.parse(readFileSync(path, "utf8")).backends[0].cases).toMatchObject([{ outcome: "slow" }]);
    const page = join(folder, "slow.md");
    await conformance("--page", page, path);
    expect(readFileSync(page, "utf8")).toContain("✓⏱");
  });

  test("cases that hang are repeated once, three of them at most", async () => {
    const { out } = await conformanceOf("start hang", ...quick, "--law", law, "--only", "all 256 levels, first");
    expect(out).toMatch(/^0 passed, 4 failed/m);
    expect(out.match(/^ {2}OVERDUE /gm)).toHaveLength(4 + 3);
  });

  test("a wrong result is not repeated, nor a case that is expected to fail", async () => {
    const wrong = await conformanceOf("start undefined", "--law", law, "--only", one);
    expect(wrong.out.match(/^ {2}FAILED /gm)).toHaveLength(1);
    const list = file("hangs.txt", (await conformance("--list", "--law", law, "--only", one)).out);
    const mark = join(folder, "expected");
    const args = [command, faulty, ...quick, "--law", law, "--only", one, "--expected-failures", list];
    const { code, out } = await run(args, { FAULT: "start hangOnce", MARK: mark }).ended;
    expect(code).toBe(0);
    expect(out.trim().split("\n").at(-1)).toBe("0 passed, 0 failed, 0 skipped, 1 failed as expected");
  });
});

describe("Ctrl-C", () => {
  test("ends the case that runs, begins no other, prints what was run and gives 130", async () => {
    const { child, ended } = run([command, fixture("talking-backend.mjs"), "--json"]);
    await said(child, "made");
    child.kill("SIGINT");
    const { code, out, err } = await ended;
    expect(err).not.toContain("FAILED");
    expect(code).toBe(130);
    expect(JSON.parse(out)).toMatchObject({ interrupted: true, backends: [{ failed: 0, notRun: expect.any(Number) }] });
    expect(err).toMatch(/^Interrupted: \d+ passed, 0 failed, 0 skipped, \d+ not run$/m);
  });

  test.each(["create spin", "import spin", "start hang", "dispose hang"])("ends %s", async (fault) => {
    const { child, ended } = run([command, fixture("talking-backend.mjs"), faulty, "--law", law, "--only", one], {
      FAULT: fault,
    });
    if (!fault.startsWith("import")) await said(child, "made");
    child.kill("SIGINT");
    child.kill("SIGTERM");
    expect((await ended).code).not.toBe(0);
  });

  test("a command that is killed leaves no process behind, even one that computes for ever", async () => {
    const { child, ended } = run([command, faulty, "--law", law, "--only", one], { FAULT: "create spin" });
    const pid = Number(/pid (\d+)/.exec(await said(child, "pid "))?.[1]);
    expect(isAlive(pid)).toBe(true);
    child.kill("SIGKILL");
    await ended;
    await vi.waitUntil(() => !isAlive(pid), { timeout: 120_000 });
  });
});

describe("the suite without the command", () => {
  test("its kernels are files of their own, which other places can load", async () => {
    const { code, out, err } = await run([fixture("load-kernels.mjs")]).ended;
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(Number(out)).toBeGreaterThan(20);
  });

  test("CommonJS can require it", async () => {
    const { code, out, err } = await run([fixture("required.cjs")]).ended;
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(Number(out)).toBeGreaterThan(5);
  });

  test("node:test runs the same cases", async () => {
    const { code, out } = await run(["--test", "--test-reporter=tap", fixture("node-test-use.mjs")]).ended;
    expect(code).toBe(1);
    expect(out).toMatch(/^ *ok \d+ - law 4, backpressure is real: block: a launched kernel fills up/m);
    expect(out).toMatch(/^ *not ok \d+ - law 4, backpressure is real: block: a launched kernel fills up/m);
  });
});

test("the backend of the README is the one that is tested", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const code = readFileSync(sound, "utf8").replace(/[/][*][*].*[*][/]\n/, "");
  expect(readme).toContain(code);
});

const conformance = (...args: readonly string[]) => run([command, ...args]).ended;
const conformanceOf = (FAULT: string, ...args: readonly string[]) => run([command, faulty, ...args], { FAULT }).ended;

function run(args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const { CI: _, NODE_OPTIONS: __, NODE_TEST_CONTEXT: ___, ...env } = process.env;
  const child = spawn(process.execPath, args, { env: { ...env, ...more }, stdio: ["ignore", "pipe", "pipe"] });
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
  return { child, ended, printed: () => out + err };
}

/** Resolves with what the process printed once this text is in it, or once it has ended. */
function said(child: ReturnType<typeof run>["child"], text: string): Promise<string> {
  let all = "";
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => {
        all += data;
        if (all.includes(text)) resolve(all);
      });
    }
    child.on("close", () => resolve(all));
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
