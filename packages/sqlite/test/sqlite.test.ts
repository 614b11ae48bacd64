import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serialize } from "node:v8";
import { describeKeeper } from "@ringline/conformance/vitest";
import { type Backend, createRuntime, errors, pipeline, type Runtime } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { packState } from "@ringline/remote";
import { sqlite } from "@ringline/sqlite";
import { workerThreads } from "@ringline/worker-threads";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Database, loadDriver } from "../src/driver.js";
import { Job, pass, summing } from "./kernels.mjs";
import { cutFile, fillDisk, killPrograms, workIn } from "./stress/trials.mjs";

/** User id of the user "nobody", who owns no file. */
const NOBODY = 65_534;
/** Programs that are killed. */
const KILLS = Number(process.env["RINGLINE_TRIALS"] ?? 5);
const COUNT = 300 * (KILLS + 1);
/** Files that are full, and files that are cut. */
const DISKS = Math.ceil(KILLS / 2);

const Driver = await loadDriver().catch(() => undefined);
/** Undefined where there is one; Node 20 has none unless better-sqlite3 is compiled. */
const missing = (() => {
  try {
    new (Driver as NonNullable<typeof Driver>)(":memory:").close();
    return undefined;
  } catch (error) {
    return `no SQLite here: ${(error as Error)?.message}`;
  }
})();
if (missing !== undefined) console.warn(`Skipped: ${missing}`);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
if (missing === undefined) {
  const folder = mkdtempSync(join(tmpdir(), "ringline-sqlite-"));
  let files = 0;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  describeKeeper({ name: "SQLite as a keeper", create: () => sqlite(join(folder, `${files++}.db`)) });
}

const line = pipeline("line").stage(pass, { durable: true });
interface Output {
  readonly messageId: string;
  readonly failure: unknown;
}
const codeOf = ({ code }: { readonly code: string }) => code;

describe.skipIf(missing !== undefined)("a durable flow in an SQLite file", () => {
  let folder: string;
  let file: string;
  const running: Runtime<"main">[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ringline-sqlite-"));
    file = join(folder, "state.db");
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((runtime) => runtime.dispose()));
    rmSync(folder, { recursive: true, force: true });
  });
  const program = (path = file, backend: Backend = inProcess()) => {
    const runtime = createRuntime({ backend, keep: sqlite(path) });
    runtime.on("error", () => {});
    running.push(runtime);
    return runtime;
  };
  const raw = <T>(path: string, act: (database: Database) => T): T => {
    const database = new (Driver as NonNullable<typeof Driver>)(path);
    try {
      return act(database);
    } finally {
      database.close();
    }
  };

  test.each([
    ["in-process", () => inProcess()],
    ["worker-threads", () => workerThreads({ threads: 1 })],
  ])("%s: the next program goes on where this one ended; what is sent again is known", async (_, backend) => {
    const first = program(file, backend());
    const flow = await first.run(line);
    const body = { when: new Date(0), list: [1, new Map([[1, "one"]])], failure: new RangeError("r"), text: "ä" };
    for (let n = 0; n < 4; n++)
      await flow.send(Job({ n, ...body }, { key: `job ${n}`, priority: 7, expiresIn: 60_000 }));
    const { messageId, ...read } = await flow.receive({ timeout: 60_000 });
    expect(read).toMatchObject({ n: 0, ...body });
    await first.dispose();

    const next = await program(file, backend()).run(line);
    await next.send(Job({ n: 0 }, { key: "job 0" }));
    for (const n of [1, 2, 3]) {
      const output = (await next.receive({ timeout: 60_000 })) as unknown as Output;
      expect(output).toMatchObject({ n, ...body });
      expect(output.failure).toBeInstanceOf(RangeError);
      expect(output.messageId).not.toBe(messageId);
    }
    expect(await next.receive({ timeout: 100 }).catch(codeOf)).toBe("TIMEOUT");
  });

  test("a state goes on from threads to this event loop and back", async () => {
    const COUNT = 30;
    let last: { readonly sum: number; readonly count: number } | undefined;
    for (let life = 0; life < 3; life++) {
      const runtime = program(file, life === 1 ? inProcess() : workerThreads({ threads: 2 }));
      const flow = await runtime.run(summing);
      for (let n = life * COUNT; n < (life + 1) * COUNT; n++) await flow.send(Job({ n }));
      do last = await flow.receive({ timeout: 60_000 });
      while (life === 2 && last.count < 3 * COUNT);
      await runtime.dispose({ timeout: 200 });
    }
    expect(last).toMatchObject({ count: 3 * COUNT, sum: (3 * COUNT * (3 * COUNT - 1)) / 2 });
  });

  test("a second program takes the flow over: the first one is told, and reads and writes nothing more", async () => {
    const first = program();
    const told: string[] = [];
    first.on("error", ({ code }) => told.push(code));
    const mine = await first.run(line);
    for (let n = 0; n < 5; n++) await mine.send(Job({ n }));
    const seen = [(await mine.receive()).n];
    const other = await first.run(pipeline("other").stage(pass, { durable: true }));
    const begin = performance.now();
    const theirs = await program().run(line);
    expect(performance.now() - begin).toBeLessThan(1900); // it was asked, and not waited for until it seemed dead
    expect(await mine.receive({ timeout: 60_000 }).catch(codeOf)).toBe("FLOW_TAKEN");
    expect(await mine.send(Job({ n: 5 })).catch(codeOf)).toBe("FLOW_TAKEN");
    expect(told).toEqual(["FLOW_TAKEN"]);
    for (let i = 0; i < 4; i++) seen.push((await theirs.receive({ timeout: 60_000 })).n);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(await theirs.receive({ timeout: 100 }).catch(codeOf)).toBe("TIMEOUT");
    await other.send(Job({ n: 6 }));
    expect((await other.receive()).n).toBe(6);
  });

  test("a program that does not hear that its flow is taken is refused as it writes", async () => {
    const flow = await program().run(line);
    await flow.send(Job({ n: 0 }));
    raw(file, (database) => database.exec("UPDATE logs SET owner = 'another program'"));
    expect(await flow.send(Job({ n: 1 })).catch(codeOf)).toBe("FLOW_TAKEN");
    expect(await flow.receive({ timeout: 100 }).catch(codeOf)).toBe("FLOW_TAKEN");
  });

  test(`${KILLS} programs killed: outputs complete, none by two ids, and few read twice`, {
    timeout: 60_000 + KILLS * 10_000,
  }, async () => {
    const outputs = join(folder, "outputs");
    writeFileSync(outputs, "");
    const lines = () => readFileSync(outputs, "utf8").split("\n").slice(0, -1);
    for (let kill = 0; kill <= KILLS; kill++) {
      const args = [here("program.mjs"), file, String(COUNT), outputs];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
      const ended = once(child, "exit");
      if (kill === KILLS) {
        expect(await ended).toEqual([0, null]);
        break;
      }
      const until = lines().length + 20 + Math.floor(Math.random() * 200);
      await expect.poll(() => lines().length, { interval: 5 }).toBeGreaterThan(until);
      child.kill("SIGKILL");
      await ended;
    }
    const ids = new Map(lines().map((one) => one.split(" ") as [string, string]));
    expect([...ids.values()].map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, n) => n));
    // what a program had read when it was killed, and could not say so any more, comes once more, under its id
    expect(lines().length - COUNT).toBeLessThan(KILLS * 1000);
  });

  test(`${KILLS} programs killed at any moment, with a batch, a join and a state: each output once by its id, the state exact`, {
    timeout: 60_000 + KILLS * 10_000,
  }, async () => {
    const { faults } = await killPrograms(workIn(folder, "killed", 200 * (KILLS + 1)), KILLS, Math.random);
    expect(faults).toEqual([]);
  });

  test(`${DISKS} files that are full at any size, their programs killed or with room again: the same`, async () => {
    for (let trial = 0; trial < DISKS; trial++) {
      const { faults } = await fillDisk(workIn(folder, `full-${trial}`, 1000), Math.random);
      expect(faults).toEqual([]);
    }
  });

  test(`${DISKS} files cut at any byte: refused, or a state that there was`, async () => {
    for (let trial = 0; trial < DISKS; trial++) {
      const { faults } = await cutFile(workIn(folder, `cut-${trial}`, 500), Math.random);
      expect(faults).toEqual([]);
    }
  });

  test("the file stays small: what is done is removed, and its room given back", async () => {
    const runtime = program();
    const flow = await runtime.run(line);
    const text = "x".repeat(10_000);
    let largest = 0;
    for (let n = 0; n < 1000; n += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => flow.send(Job({ n: n + i, text } as never))));
      for (let i = 0; i < 50; i++) await flow.receive();
      largest = Math.max(largest, statSync(file).size);
    }
    expect(largest).toBeLessThan(6_000_000); // of ten that went through
    await runtime.dispose();
    expect(statSync(file).size).toBeLessThan(3_000_000);
  });

  describe("a file that cannot be used", () => {
    const remedyOf = (path = file) =>
      program(path)
        .run(line)
        .then(
          () => "it runs",
          (error: unknown) => {
            expect(error).toBeInstanceOf(errors.BACKEND_UNAVAILABLE);
            return (error as { remedy: string }).remedy;
          },
        );
    const filled = async () => {
      const runtime = program();
      const flow = await runtime.run(line);
      await Promise.all(Array.from({ length: 200 }, (_, n) => flow.send(Job({ n, text: "x".repeat(500) } as never))));
      await runtime.dispose();
    };

    test("no folder, no database, another program's, a newer schema", async () => {
      expect(await remedyOf(join(folder, "none", "state.db"))).toContain("folder");
      writeFileSync(file, "this is no database, and was never one");
      expect(await remedyOf()).toContain("no SQLite database");
      const others = join(folder, "others.db");
      raw(others, (database) => database.exec("CREATE TABLE theirs (id)"));
      expect(await remedyOf(others)).toContain("Name another file");
      rmSync(file);
      await filled();
      raw(file, (database) => database.exec("PRAGMA user_version = 99"));
      expect(await remedyOf()).toContain("newer release");
    });

    test.skipIf(process.platform === "win32")("one that this user may only read, or whose folder is so", async () => {
      await filled();
      chmodSync(file, 0o444);
      chmodSync(folder, 0o755);
      const isRoot = process.geteuid?.() === 0;
      // root may write whatever the mode says
      if (isRoot) process.seteuid?.(NOBODY);
      try {
        expect(await remedyOf()).toContain("Let this user write the file and its folder");
        if (!isRoot) chmodSync(folder, 0o555);
        expect(await remedyOf(join(folder, "new.db"))).toContain("this user may write it");
      } finally {
        if (isRoot) process.seteuid?.(0);
        chmodSync(folder, 0o755);
      }
      chmodSync(file, 0o644);
      expect(await remedyOf()).toBe("it runs");
    });

    test("a file of schema 1 is made one of this release, with what it holds", async () => {
      raw(file, (database) => {
        database.exec(`
          CREATE TABLE flows (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, owner TEXT, host TEXT, pid INTEGER, wanted TEXT);
          CREATE TABLE frames (id INTEGER PRIMARY KEY, flow INTEGER NOT NULL REFERENCES flows (id),
            first INTEGER NOT NULL, count INTEGER NOT NULL, records BLOB NOT NULL);
          INSERT INTO flows (name) VALUES ('line');
          PRAGMA application_id = ${0x52696e67};
          PRAGMA user_version = 1;
        `);
        const job = [
          "Job",
          "00000000-0000-4000-8000-000000000001",
          null,
          128,
          Infinity,
          undefined,
          packState({ n: 4 }),
        ];
        const records = serialize([["accepted", 0, "pass", job[1], job]]);
        database.prepare("INSERT INTO frames (flow, first, count, records) VALUES (1, 0, 1, ?)").run(records);
      });
      const flow = await program().run(line);
      expect((await flow.receive({ timeout: 60_000 })).n).toBe(4);
    });

    test("one that another program has locked: told after a while; once it is free, it is used", {
      timeout: 20_000,
    }, async () => {
      await filled();
      const other = new (Driver as NonNullable<typeof Driver>)(file);
      other.exec("BEGIN EXCLUSIVE");
      expect(await remedyOf()).toContain("lock");
      other.close();
      expect(await remedyOf()).toBe("it runs");
    });

    test("cut at any byte: an error that says so, or all that was kept", async () => {
      await filled();
      const whole = join(folder, "whole.db");
      copyFileSync(file, whole);
      const { size } = statSync(whole);
      for (let i = 0; i < 20; i++) {
        copyFileSync(whole, file);
        truncateSync(file, Math.floor(Math.random() * size));
        const runtime = program();
        const flow = await runtime.run(line).catch((error: unknown) => error);
        if (flow instanceof Error || !(flow as { receive?: unknown }).receive) {
          expect(flow).toMatchObject({ code: "BACKEND_UNAVAILABLE", remedy: expect.stringContaining(file) });
        } else {
          // cut to nothing, it is a new file; otherwise nothing is missing
          const { receive } = flow as { receive(wait: object): Promise<{ n: number }> };
          const outputs =
            statSync(file).size === 0
              ? 0
              : await receive({ timeout: 60_000 }).then(
                  () => 1,
                  () => 0,
                );
          expect(outputs === 0 || outputs === 1).toBe(true);
        }
        await runtime.dispose();
        for (const end of ["-wal", "-shm"]) rmSync(file + end, { force: true });
      }
    });
  });

  const canMount = (() => {
    const probe = mkdtempSync(join(tmpdir(), "ringline-mount-"));
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", probe], { stdio: "ignore" });
      execFileSync("umount", [probe]);
      return true;
    } catch {
      return false;
    } finally {
      rmSync(probe, { recursive: true, force: true });
    }
  })();

  test.skipIf(!canMount)(
    "a disk that is full: told, senders are refused, and all goes on once there is room",
    {
      timeout: 30_000,
    },
    async () => {
      const disk = join(folder, "disk");
      mkdirSync(disk);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
      try {
        const runtime = program(join(disk, "state.db"));
        const told: unknown[] = [];
        runtime.on("error", (error) => told.push(error));
        const flow = await runtime.run(line);
        const text = "x".repeat(50_000);
        const accepted: number[] = [];
        const refused: string[] = [];
        for (let n = 0; n < 100 && refused.length < 2; n++) {
          await flow.send(Job({ n, text } as never), { timeout: 300 }).then(
            () => accepted.push(n),
            ({ code }) => refused.push(code),
          );
        }
        expect(refused).toEqual(["IN_DOUBT", "TIMEOUT"]);
        expect(told[0]).toMatchObject({ code: "BACKEND_UNAVAILABLE", remedy: expect.stringContaining("disk is full") });
        execFileSync("mount", ["-o", "remount,size=20m", disk]);
        await flow.send(Job({ n: 999 }), { timeout: 60_000 });
        const seen: number[] = [];
        for (let i = 0; i < accepted.length + 2; i++) seen.push((await flow.receive({ timeout: 60_000 })).n);
        expect(seen).toEqual([...accepted, accepted.length, 999]);
        await runtime.dispose();
      } finally {
        execFileSync("umount", ["-l", disk]);
      }
    },
  );
});

test.each([
  [""],
  [":memory:"],
  [5],
  ["state.db", { synchronous: "off" }],
  ["state.db", { sync: "full" }],
  ["state.db", null],
])("sqlite(%j, %j) is refused where it is written", (...args) => {
  expect(() => sqlite(...(args as [string]))).toThrow(errors.INVALID_ARGUMENT);
});

test("a keeper is refused that is none; without one, `durable` says how to have one", async () => {
  expect(() => createRuntime({ backend: inProcess(), keep: "state.db" as never })).toThrow(errors.INVALID_ARGUMENT);
  await using runtime = createRuntime({ backend: inProcess() });
  const error = await runtime.run(line).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "UNSUPPORTED", remedy: expect.stringContaining("sqlite(") });
});
