import fc from "fast-check";
import { expect, test } from "vitest";
import { body, createRuntime, defineKernel, defineMessage } from "../../src/index.js";
import { expiryOf } from "../../src/messages/any-message.js";
import { virtualClock } from "../../src/testing/virtual-clock.js";
import { systemClock } from "../../src/time/clock.js";
import { turn } from "../../src/time/turn.js";
import { local } from "../support/local-backend.js";
import { numbered } from "../support/messages.js";
import { codeOf, watch } from "../support/settling.js";

const Task = defineMessage("Task", body<{ n: number }>());
const echo = defineKernel({ id: "echo", input: Task, output: Task, handle: ({ n }) => Task({ n }) });

test("timers are called back in order, each at its own time, those that they set too", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ delay: fc.nat({ max: 50 }), again: fc.nat({ max: 50 }) }), { maxLength: 8 }),
      fc.array(fc.nat({ max: 60 }), { maxLength: 4 }),
      async (timers, steps) => {
        const clock = virtualClock(100);
        const called: number[] = [];
        const due: number[] = [];
        for (const { delay, again } of timers) {
          due.push(100 + delay, 100 + delay + again);
          clock.after(delay, () => {
            called.push(clock.now());
            clock.after(again, () => called.push(clock.now()));
          });
        }
        for (const by of steps) await clock.advance(by);
        const end = 100 + steps.reduce((sum, by) => sum + by, 0);
        expect(clock.now()).toBe(end);
        const passed = (steps.length === 0 ? [] : due.filter((at) => at <= end)).sort((a, b) => a - b);
        expect(called).toEqual(passed);
      },
    ),
    { numRuns: 50 },
  );
});

test("what is cancelled is not called back; calls at once go one after the other", async () => {
  const clock = virtualClock();
  const called: string[] = [];
  const cancel = clock.after(10, () => called.push("cancelled"));
  clock.after(10, () => called.push("first"));
  clock.after(10, () => called.push("second"));
  expect(clock.pending).toBe(3);
  cancel();
  await Promise.all([clock.advance(5), clock.advance(5)]);
  expect([called, clock.now(), clock.pending]).toEqual([["first", "second"], 10, 0]);
});

test("stalled: time is over and nobody was told yet", async () => {
  const clock = virtualClock();
  const called: number[] = [];
  clock.after(10, () => called.push(clock.now()));
  clock.stall(25);
  expect([called, clock.now()]).toEqual([[], 25]);
  await clock.advance(0);
  expect(called).toEqual([25]);
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("time does not pass by %o", async (by) => {
  const clock = virtualClock();
  expect(await codeOf(() => clock.advance(by))).toBe("INVALID_ARGUMENT");
  expect(await codeOf(() => clock.stall(by))).toBe("INVALID_ARGUMENT");
});

test("settle: kernels have come to rest, however long their chain and however much there is to do", async () => {
  const clock = virtualClock();
  const runtime = createRuntime({ backend: local(), clock });
  const chain = await Promise.all(Array.from({ length: 12 }, (_, i) => runtime.start(echo.as(`echo_${i}`))));
  for (let i = 1; i < chain.length; i++) await runtime.connect(chain[i - 1]!, chain[i]!);
  for (let n = 0; n < 4000; n++) void chain[0]!.send(Task({ n }));
  await clock.settle();
  expect((await chain.at(-1)!.telemetry()).ledger.output.queued).toBe(4000);
  expect(clock.now()).toBe(0);
  await runtime.dispose();
});

test("settle: kernels that never rest do not keep it for ever", async () => {
  let rests = false;
  const spin = async () => {
    while (!rests) await turn.next();
  };
  const spinning = spin();
  await virtualClock().settle();
  rests = true;
  await spinning;
});

test("a runtime waits by it, and messages expire by it until the runtime is disposed", async () => {
  const clock = virtualClock(5000);
  const runtime = createRuntime({ backend: local(), clock });
  const handle = await runtime.launch(echo);
  const received = watch(handle.receive({ timeout: 60_000 }));
  await handle.send(Task({ n: 1 }, { expiresIn: 30_000 }));
  await clock.advance(29_999);
  await handle.activate();
  await clock.settle();
  expect(received).toMatchObject({ state: "done", value: { n: 1 } });
  const late = watch(handle.receive({ timeout: 60_000 }));
  await handle.deactivate();
  await handle.send(Task({ n: 2 }, { expiresIn: 30_000 }));
  await clock.advance(60_000);
  expect(late.state).toBe("TIMEOUT");
  await handle.reactivate();
  await clock.settle();
  expect(runtime.deadLetters.peek()).toMatchObject([{ reason: "EXPIRED", error: { details: { late: 30_000 } } }]);
  await runtime.dispose();
  expect(clock.pending).toBe(0);
  const after = expiryOf(numbered(1, { expiresIn: 1000 }));
  expect(after).toBeGreaterThan(systemClock.now());
  expect(after).toBeLessThanOrEqual(systemClock.now() + 1000);
});
