import { describe, expect, test } from "vitest";
import { fail, ok } from "../src/assert.js";
import type { Case } from "../src/case.js";
import { memoryBackend } from "../src/keepers/memory-backend.js";
import { Result, Task } from "../src/kernels/messages.js";
import { handler } from "../src/kernels/workers.js";
import { leftBehind, processProbe } from "../src/probe.js";
import { type CaseOptions, runCase } from "../src/run-case.js";
import { runSuite, selectCases } from "../src/run-suite.js";
import type { Subject } from "../src/subject.js";
import type { Trial } from "../src/trial.js";

const subject: Subject = { name: "memory", create: memoryBackend };
const probe = processProbe();

const run = (
  body: (trial: Trial) => Promise<void>,
  { requires, limit, on = subject, ...options }: Partial<Case> & CaseOptions & { on?: Subject } = {},
) => {
  const more = { ...(requires !== undefined && { requires }), ...(limit !== undefined && { limit }) };
  return runCase(on, { law: 1, name: "a case", run: body, ...more }, { probe, ...options });
};
const failedWith = (code: string) => ({ outcome: "failed", error: { code } });

describe("a case", () => {
  test("passes when its body resolves and all is settled", async () => {
    const outcome = await run(async (trial) => {
      const handle = await trial.runtime().start(handler);
      await handle.send(Task({ n: 1 }));
      Result.parse(await handle.receive());
    });
    expect(outcome).toEqual({ outcome: "passed" });
  });

  test("fails with what its body throws, Ringline's errors among them", async () => {
    expect(await run(async () => fail("wrong"))).toMatchObject(failedWith("CASE_FAILED"));
    expect(await run(async (trial) => trial.runtime().send("nobody", Task({ n: 1 })))).toMatchObject(
      failedWith("KERNEL_UNKNOWN"),
    );
    expect(await run(() => Promise.reject("a string"))).toMatchObject(failedWith("CASE_FAILED"));
  });

  test("fails when it takes too long, and is cleaned up all the same", async () => {
    let state = () => "";
    const outcome = await run(
      async (trial) => {
        const handle = await trial.runtime().start(handler);
        state = () => handle.state;
        await new Promise(() => {});
      },
      { limit: 20 },
    );
    expect(outcome).toMatchObject(failedWith("CASE_OVERDUE"));
    expect(state()).toBe("terminated");
  });

  test("fails when something is left behind", async () => {
    // several, as a timer of Vitest may end meanwhile and make up for one
    const timers: ReturnType<typeof setTimeout>[] = [];
    const outcome = await run(async () => {
      for (let i = 0; i < 5; i++) timers.push(setTimeout(() => {}, 60_000));
    });
    for (const timer of timers) clearTimeout(timer);
    expect(outcome).toMatchObject(failedWith("CASE_FAILED"));
  });
});

describe("after each case", () => {
  /** A backend whose ports tell other counts than they should. */
  const miscounting = (change: (counts: { done: number; deadLettered: number }) => object): Subject => ({
    name: "miscounting",
    create() {
      const backend = memoryBackend();
      return {
        ...backend,
        async start(core) {
          const place = await backend.start(core);
          return {
            ...place,
            spawn: (unit, start) => place.spawn(unit, start),
            dispose: () => place.dispose(),
            async openPort(spec, signal) {
              const port = await place.openPort(spec, signal);
              const stats = port.stats.bind(port);
              return Object.assign(port, {
                async stats() {
                  const told = await stats();
                  return { ...told, ledger: { ...told.ledger, ...change(told.ledger) } };
                },
              });
            },
          };
        },
      };
    },
  });
  const body = async (trial: Trial) => {
    const handle = await trial.runtime().start(handler);
    await handle.send(Task({ n: 1 }));
    await handle.receive();
  };

  test("the ledgers must balance", async () => {
    const on = miscounting(({ done }) => ({ done: done + 1 }));
    expect(await run(body, { on })).toMatchObject(failedWith("CASE_FAILED"));
  });

  test("everything must be settled", async () => {
    const on = miscounting(({ done }) => ({ done: 0, inHand: done }));
    expect(await run(body, { on })).toMatchObject(failedWith("CASE_FAILED"));
  });

  test("dead letters must have been announced", async () => {
    const on = miscounting(({ done }) => ({ done: 0, deadLettered: done }));
    expect(await run(body, { on })).toMatchObject(failedWith("CASE_FAILED"));
  });
});

describe("a capability", () => {
  test("that is there: the case runs", async () => {
    const on: Subject = {
      name: "able",
      create: () => ({ ...memoryBackend(), manifest: { ...memoryBackend().manifest, capabilities: { wings: true } } }),
    };
    let ran = false;
    const body = async () => {
      ran = true;
    };
    expect(await run(body, { requires: "wings", on })).toEqual({ outcome: "passed" });
    expect(ran).toBe(true);
  });

  test("that is lacking: kernels that need it are refused, and the case does not run", async () => {
    expect(await run(async () => fail("ran"), { requires: "wings" })).toEqual({ outcome: "passed" });
  });

  test("that is lacking and not refused is a failure", async () => {
    // says that it can do everything to core, and nothing to the suite
    let asked = 0;
    const on: Subject = {
      name: "boastful",
      create() {
        const backend = memoryBackend();
        const capabilities = new Proxy({}, { get: () => asked++ > 0 });
        return { ...backend, manifest: { ...backend.manifest, capabilities } };
      },
    };
    expect(await run(async () => {}, { requires: "wings", on })).toMatchObject(failedWith("CASE_FAILED"));
  });
});

describe("a skip", () => {
  test("has a reason", async () => {
    expect(await run(async (trial) => trial.skip("no time"))).toEqual({ outcome: "skipped", reason: "no time" });
  });

  test("is a failure where skips count, unless the manifest declares the lack", async () => {
    expect(await run(async (trial) => trial.skip("no time"), { strict: true })).toMatchObject(
      failedWith("CASE_FAILED"),
    );
    expect(await run(async (trial) => trial.skip("cannot fly", "wings"), { strict: true })).toMatchObject({
      outcome: "skipped",
    });
  });
});

describe("a subject of several backends", () => {
  const several: Subject = { name: "two", create: () => ({ main: memoryBackend(), second: memoryBackend() }) };

  test("has kernels spread over them, unless a launch names the place", async () => {
    let seen: unknown;
    const body = async (trial: Trial) => {
      expect(trial.places).toEqual(["main", "second"]);
      const runtime = trial.runtime();
      for (const id of ["a", "b", "c"]) await runtime.start(handler.as(id));
      await runtime.launch(handler.as("d"), { backend: "main" });
      seen = runtime.kernels.map(({ backend }) => backend);
    };
    expect(await run(body, { on: several })).toEqual({ outcome: "passed" });
    expect(seen).toEqual(["main", "second", "main", "main"]);
  });
});

describe("the suite", () => {
  test("is selected by law and by text", () => {
    const law4 = selectCases({ law: 4 });
    expect(law4.length).toBeGreaterThan(0);
    expect(law4.every(({ law }) => law === 4)).toBe(true);
    const rejecting = selectCases({ law: 4, only: "REJECT:" });
    expect(rejecting.length).toBeGreaterThan(0);
    expect(rejecting.length).toBeLessThan(law4.length);
    expect(selectCases({ only: "no such case" })).toEqual([]);
  });

  test("yields results as they come, and stops at a signal", async () => {
    const controller = new AbortController();
    const cases: Case[] = [1, 2, 3].map((i) => ({
      law: 1,
      name: `case ${i}`,
      run: async () => ok(i !== 1, "not the first"),
    }));
    const seen: string[] = [];
    for await (const { outcome, case: one, subject: name } of runSuite(subject, { cases, signal: controller.signal })) {
      seen.push(`${name}, ${one.name}: ${outcome}`);
      if (seen.length === 2) controller.abort();
    }
    expect(seen).toEqual(["memory, case 1: failed", "memory, case 2: passed"]);
  });
});

test("what is left behind is counted by name", () => {
  expect(leftBehind(["Timeout"], ["Timeout", "Timeout", "MessagePort"])).toEqual(["Timeout", "MessagePort"]);
  expect(leftBehind(["Timeout"], [])).toEqual([]);
});
