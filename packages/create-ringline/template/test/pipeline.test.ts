import assert from "node:assert/strict";
import { test } from "node:test";
import { createRuntime } from "@ringline/core";
import { faults, virtualClock } from "@ringline/core/testing";
import { inProcess } from "@ringline/in-process";
import { Line, lines, split } from "../src/kernels.js";

test("lines are counted in their order, empty ones left out", async () => {
  const runtime = createRuntime({ backend: inProcess({ copy: true }) });
  const flow = await runtime.run(lines);
  const counts: number[] = [];
  for await (const { count } of flow.process(["a b c", "", "d"].map((text) => Line({ text })))) counts.push(count);
  assert.deepEqual(counts, [3, 1]);
  for (const [port, { queued, inHand, deadLettered }] of await runtime.dispose()) {
    assert.equal(queued + inHand + deadLettered, 0, port);
  }
});

test("a crash is survived: a second later the line is split after all", async () => {
  const clock = virtualClock(); // time passes when the test says so
  const backend = faults(inProcess(), [{ do: "crash", kernelId: "split", nth: 1 }]);
  const runtime = createRuntime({ backend, clock });
  runtime.on("error", () => {}); // it is expected
  const supervise = { restart: "on-failure", onCrash: "retry", backoff: { initial: 1000, jitter: 0 } } as const;
  const handle = await runtime.start(split, { supervise });
  await handle.send(Line({ text: "once more" }));
  await clock.advance(1000);
  assert.deepEqual((await handle.receive({ timeout: 0 })).words, ["once", "more"]);
  await runtime.dispose();
});
