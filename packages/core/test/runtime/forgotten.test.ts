import { afterEach, expect, test, vi } from "vitest";
import { createRuntime, pipeline } from "../../src/index.js";
import { virtualClock } from "../../src/testing.js";
import { all, N, numbers, plus, watched } from "../support/flow-kit.js";
import { local } from "../support/local-backend.js";

afterEach(() => {
  vi.restoreAllMocks();
});

test("a process that nobody reads is a stalled event, once; one that is read, or ended, is not", async () => {
  const clock = virtualClock();
  const { runtime } = watched(clock);
  const stalled: unknown[] = [];
  runtime.on("stalled", (event) => stalled.push(event));
  const flow = await runtime.run(pipeline("line").stage(plus("one")));
  await flow.process(numbers(1)).return();
  expect(await all(flow.process(numbers(2)))).toHaveLength(2);
  flow.streams();
  await clock.advance(5000);
  expect(stalled).toEqual([]);
  const forgotten = flow.process(numbers(3));
  await clock.advance(5000);
  expect(stalled).toEqual([{ kernelId: "line", waitsOn: 'a loop over process() of "line"' }]);
  expect(await all(forgotten)).toHaveLength(3);
});

test("outputs that nobody has ever read are warned of at the end; those of a kernel with a reader are not", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const runtime = createRuntime({ backend: local() });
  for (const id of ["unread", "read"] as const) {
    const kernel = await runtime.start(plus(id));
    for (const message of numbers(3)) await kernel.send(message);
    if (id === "read") expect(await kernel.receive()).toMatchObject(N({ n: 1, by: id }));
  }
  await runtime.dispose();
  expect(warn.mock.calls).toEqual([[expect.stringContaining("[unread] Nobody has read the output, 3 messages")]]);
});
