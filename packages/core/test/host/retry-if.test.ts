import { expect, test } from "vitest";
import { createRuntime, defineKernel, isRinglineError } from "../../src/index.js";
import { virtualClock } from "../../src/testing.js";
import { local } from "../support/local-backend.js";
import { Numbered } from "../support/messages.js";

test("retryIf decides after each failure, and may choose the delay", async () => {
  const clock = virtualClock();
  await using runtime = createRuntime({ backend: local(), clock });
  runtime.on("error", () => {});
  const times: Record<number, number[]> = {};
  const told: string[] = [];
  const kernel = defineKernel({
    id: "k",
    input: Numbered,
    output: Numbered,
    onError: {
      retry: 3,
      backoff: { initial: 10, factor: 2, jitter: 0 },
      retryIf(error, attempt) {
        const cause = error.cause as Error;
        told.push(`${error.code} ${cause.message} ${attempt}`);
        if (cause.message === "odd") throw new TypeError("the decision failed");
        if (cause.message === "wrong") return { delay: -1 };
        return cause.message === "later" ? { delay: 500 * attempt } : cause.message === "again";
      },
    },
    handle({ n }) {
      times[n] = [...(times[n] ?? []), clock.now()];
      throw new RangeError(["again", "never", "later", "odd", "wrong"][n]);
    },
  });
  const handle = await runtime.start(kernel);
  for (let n = 0; n < 5; n++) {
    const start = clock.now();
    await handle.send(Numbered({ n }));
    await clock.advance(10_000);
    times[n] = times[n]?.map((time) => time - start) ?? [];
  }
  expect(times).toEqual({ 0: [0, 10, 30, 70], 1: [0], 2: [0, 500, 1500, 3000], 3: [0], 4: [0] });
  expect(told.slice(0, 4)).toEqual([1, 2, 3].map((n) => `KERNEL_FAILED again ${n}`).concat("KERNEL_FAILED never 1"));
  const letters = runtime.deadLetters.peek().map(({ reason, attempts }) => `${reason} ${attempts}`);
  expect(letters.slice(0, 3)).toEqual(["KERNEL_FAILED 4", "KERNEL_FAILED 1", "KERNEL_FAILED 4"]);
  expect(runtime.deadLetters.peek().every(({ error }) => isRinglineError(error))).toBe(true);
  expect(runtime.deadLetters.size).toBe(5);
});
