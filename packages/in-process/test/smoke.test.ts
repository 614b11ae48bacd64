import { body, createRuntime, defineKernel, defineMessage, isRinglineError } from "@ringline/core";
import { expect, test } from "vitest";
import { inProcess } from "../src/index.js";

const RawData = defineMessage("RawData", body<{ values: number[] }>());
const Normalized = defineMessage("Normalized", body<{ values: number[] }>());
const pre = defineKernel({
  id: "pre",
  input: RawData,
  output: Normalized,
  async run(ctx) {
    while (!ctx.shouldTerminate) {
      if (!ctx.isActive) {
        await ctx.waitActive();
        continue;
      }
      try {
        const raw = await ctx.receive({ timeout: 20 });
        await ctx.send(Normalized({ values: raw.values.map((x) => x / 5) }, { replyTo: raw }));
      } catch (error) {
        if (!isRinglineError(error, "TIMEOUT")) throw error;
      }
    }
  },
});
const half = defineKernel({ id: "half", input: Normalized, output: Normalized, handle: (m) => Normalized({ values: m.values.map((x) => x / 2) }) });
test("smoke", async () => {
  const runtime = createRuntime({ backend: inProcess() });
  const p = await runtime.start(pre);
  const h = await runtime.start(half);
  await runtime.connect(p, h);
  const raw = RawData({ values: [5, 10] });
  await p.send(raw);
  const out = await h.receive({ timeout: 1000 });
  expect(out.values).toEqual([0.5, 1]);
  expect(out.correlationId).not.toBeNull();
  const reply = await p.request(raw, { timeout: 100 });
  expect(reply.correlationId).toBe(raw.messageId);
  await expect(h.receive({ timeout: 30 })).rejects.toMatchObject({ code: "TIMEOUT" });
  console.log(await p.telemetry(), await runtime.dispose(), JSON.stringify(reply), reply);
});
