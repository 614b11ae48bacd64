import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { createRuntime, pipeline, type Runtime } from "../../src/index.js";
import { type MemoryKeeper, memoryKeeper } from "../../src/testing.js";
import { door, N, plus, range, stage, watched } from "../support/flow-kit.js";
import { local } from "../support/local-backend.js";
import { codeOf, quiet } from "../support/settling.js";

const programs: Runtime<"main">[] = [];
function program(keep: MemoryKeeper): Runtime<"main"> {
  const runtime = createRuntime({ backend: local(), keep });
  runtime.on("error", () => {});
  runtime.on("deadLetter", () => {});
  programs.push(runtime);
  return runtime;
}
afterEach(async () => {
  await Promise.all(programs.splice(0).map((runtime) => runtime.dispose({ timeout: 0 })));
});

const idOf = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
const input = (n: number): N => N.parse({ type: "N", messageId: idOf(n), n });

describe("durable edges", () => {
  test("what was accepted and not done is done by the next program, in its order", async () => {
    const log = memoryKeeper();
    const held = door();
    const stuck = pipeline("p").stage(
      stage("a", (m) => held.opened.then(() => m)),
      { durable: true },
    );
    const first = await program(log).run(stuck);
    for (const n of range(5)) await first.send(input(n));
    const second = program(log.killed());
    const told: unknown[] = [];
    second.on("recovered", (event) => told.push(event));
    const next = await second.run(pipeline("p").stage(plus("a"), { durable: true }));
    expect(told).toEqual([{ flow: "p", took: expect.any(Number), records: 5, inputs: 5 }]);
    for (const n of range(5)) expect(await next.receive()).toMatchObject({ n: n + 1, correlationId: idOf(n) });
    await next.drain();
  });

  test("what was read does not come again, what was not read does, under its id", async () => {
    const log = memoryKeeper();
    const line = pipeline("p").stage(
      stage("a", ({ n }) => [N({ n }), N({ n: n + 1 })]),
      { durable: true, workers: 3 },
    );
    const first = await program(log).run(line);
    await first.send(input(1));
    const one = await first.receive();
    await quiet();
    const after = log.killed();
    const other = await first.receive();
    const next = await program(after).run(line);
    expect((await next.receive()).messageId).toBe(other.messageId);
    expect(one.messageId).not.toBe(other.messageId);
    await next.drain();
    await next.send(input(2)); // the next outputs are of the next input
    expect((await next.receive()).n).toBe(2);
  });

  test("a message that is sent again by another program is known", async () => {
    const log = memoryKeeper();
    const line = pipeline("p").stage(plus("a"), { durable: true });
    const first = await program(log).run(line);
    for (const n of range(3)) await first.send(input(n));
    expect((await first.receive()).n).toBe(1);
    await quiet();
    const next = await program(log.killed()).run(line);
    for (const n of range(4)) await next.send(input(n));
    const outputs = [];
    for (const _ of range(3)) outputs.push((await next.receive()).n);
    expect(outputs).toEqual([2, 3, 4]);
    expect(await codeOf(() => next.receive({ timeout: 0 }))).toBe("TIMEOUT");
  });

  test("an inner edge: what has passed it is not made again before it", async () => {
    const log = memoryKeeper();
    const held = door();
    const before: number[] = [];
    const seen = (id: string) =>
      stage(id, (m) => {
        before.push(m.n);
        return m;
      });
    const line = (isOpen: boolean) =>
      pipeline("p")
        .stage(seen("a"), { durable: true })
        .stage(isOpen ? plus("b") : stage("b", (m) => held.opened.then(() => m)), { durable: true });
    const first = await program(log).run(line(false));
    for (const n of range(3)) await first.send(input(n));
    await quiet();
    const next = await program(log.killed()).run(line(true));
    for (const n of range(3)) expect((await next.receive()).n).toBe(n + 1);
    expect(before).toEqual([0, 1, 2]);
  });

  test("a dead letter is done, and can be sent again", async () => {
    const log = memoryKeeper();
    let isBroken = true;
    const line = pipeline("p").stage(
      stage("a", (m) => {
        if (isBroken) throw new Error("broken");
        return m;
      }),
      { durable: true },
    );
    const runtime = program(log);
    const first = await runtime.run(line);
    await first.send(input(1));
    await first.drain();
    await quiet();
    expect(log.records("p").map(([kind]) => kind)).toEqual(["accepted", "done"]);
    isBroken = false;
    expect(await first.deadLetters.replay(first.deadLetters.peek())).toBe(1);
    expect((await first.receive()).n).toBe(1);
  });

  test("the log stays short, also behind an input that takes long", async () => {
    const log = memoryKeeper();
    const held = door();
    const flow = await program(log).run(
      pipeline("p").stage(
        stage("a", (m) => (m.n === 0 ? held.opened.then(() => m) : m)),
        {
          durable: true,
          workers: 2,
          by: ({ n }) => Math.min(n, 1),
          order: "unordered",
        },
      ),
    );
    function* source() {
      for (let n = 0; n < 60_000; n++) yield N({ n });
    }
    let seen = 0;
    let most = 0;
    for await (const _ of flow.process(source())) {
      if (++seen === 59_999) held.open();
      if (seen % 1000 === 0) most = Math.max(most, log.records("p").length);
    }
    expect(most).toBeGreaterThan(90_000);
    expect(most).toBeLessThan(130_000);
    await quiet();
    expect(log.records("p").length).toBeLessThan(40_000);
  });

  test("when it ends, the rest is left for the next program", async () => {
    const log = memoryKeeper();
    const held = door();
    const runtime = program(log);
    const first = await runtime.run(
      pipeline("p").stage(
        stage("a", (m) => held.opened.then(() => m)),
        { durable: true },
      ),
    );
    for (const n of range(3)) await first.send(input(n));
    await first.terminate({ timeout: 10 });
    const next = await program(log.killed()).run(pipeline("p").stage(plus("a"), { durable: true }));
    for (const n of range(3)) expect((await next.receive()).n).toBe(n + 1);
  });

  test("what it refuses", async () => {
    const line = pipeline("p").stage(plus("a"), { durable: true });
    expect(await codeOf(() => watched().runtime.run(line))).toBe("UNSUPPORTED");
    const log = memoryKeeper();
    const runtime = program(log);
    await runtime.run(line);
    expect(await codeOf(() => runtime.run(line))).toBe("KERNEL_EXISTS");
    // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
    expect(await codeOf(async () => pipeline("r").stage(plus("a"), { durable: 1 as any }))).toBe("INVALID_ARGUMENT");
    const renamed = pipeline("p").stage(plus("b"), { durable: true });
    const held = pipeline("p").stage(
      stage("a", () => new Promise<undefined>(() => {})),
      { durable: true },
    );
    const other = memoryKeeper();
    const flow = await program(other).run(held);
    await flow.send(input(1));
    expect(await codeOf(() => program(other.killed()).run(renamed))).toBe("INVALID_TOPOLOGY");
  });
});

describe("programs killed at any moment", () => {
  const DURABLE = [
    [true, false, false],
    [true, false, true],
    [false, true, false],
    [true, true, true],
  ];
  test("complete, nothing doubled", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ turns: fc.nat(40), lost: fc.nat(6), reads: fc.nat(30) }), { maxLength: 6 }),
        fc.constantFrom(...DURABLE),
        fc.boolean(),
        async (incarnations, [a, b, c], losesSome) => {
          const COUNT = 40;
          const line = pipeline("p")
            .stage(
              stage("a", ({ n }) => (n % 5 === 4 ? [] : [N({ n }), N({ n: n + 1000 })])),
              {
                durable: a === true,
                workers: 2,
              },
            )
            .stage(plus("b", 0, { queueSize: 4 }), { durable: b === true })
            .filter(({ n }) => n % 7 !== 6)
            .stage(
              stage("c", async (m) => {
                await Promise.resolve();
                return m;
              }),
              { durable: c === true, workers: 3, order: "unordered" },
            );
          const wanted = range(COUNT)
            .flatMap((n) => (n % 5 === 4 ? [] : [n, n + 1000]))
            .filter((n) => n % 7 !== 6);
          const read = new Map<string, number>();
          let doubled = 0;
          let mayDouble = 0;
          let log = memoryKeeper();
          let sent = 0;
          for (const life of [...incarnations, undefined]) {
            const flow = await program(log).run(line);
            const current = log;
            let isOver = false;
            const sending = (async () => {
              while (!isOver && sent < COUNT) {
                const n = sent;
                await flow.send(input(n));
                if (log === current) sent = n + 1;
              }
            })().catch(() => {});
            const take = (m: N) => {
              if (read.has(m.messageId)) doubled++;
              read.set(m.messageId, m.n);
            };
            if (life === undefined) {
              const all = flow.drain();
              let isDone = false;
              void Promise.all([sending, all])
                .then(() => flow.drain())
                .then(() => {
                  isDone = true;
                });
              while (!isDone) {
                const next = await flow.receive({ timeout: 10 }).catch(() => undefined);
                if (next !== undefined) take(next);
              }
              for (;;) {
                const next = await flow.receive({ timeout: 0 }).catch(() => undefined);
                if (next === undefined) break;
                take(next);
              }
              break;
            }
            let [lately, before] = [0, 0]; // read in the last two turns: that may not be kept yet
            for (let turn = 0, reads = 0; turn < life.turns; turn++) {
              await new Promise((resolve) => setImmediate(resolve));
              [lately, before] = [0, lately];
              for (; reads < life.reads; reads++, lately++) {
                const next = await flow.receive({ timeout: 0 }).catch(() => undefined);
                if (next === undefined) break;
                take(next);
              }
            }
            isOver = true;
            // what an acknowledged send wrote is kept; the marks behind it may be lost
            const kept = log.records("p");
            const tail = [...kept].reverse().findIndex(([kind]) => kind === "accepted" || kind === "passed");
            const lost = losesSome ? Math.min(life.lost, tail === -1 ? kept.length : tail) : 0;
            mayDouble += lost + lately + before;
            log = log.killed(lost);
            await Promise.all(programs.splice(0).map((runtime) => runtime.dispose({ timeout: 0 })));
          }
          await Promise.all(programs.splice(0).map((runtime) => runtime.dispose({ timeout: 0 })));
          // the id of an output says what it is made of: nothing is made twice
          expect(new Set(read.values()).size).toBe(read.size);
          expect(doubled).toBeLessThanOrEqual(mayDouble * 2);
          // what was accepted before the first durable edge may be lost with its program
          if (a === true) expect([...read.values()].sort((x, y) => x - y)).toEqual(wanted.sort((x, y) => x - y));
        },
      ),
      { numRuns: Number(process.env["DURABLE_RUNS"] ?? 60) },
    );
  });
});
