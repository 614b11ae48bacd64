import { body, createRuntime, defineKernel, defineMessage } from "@ringline/core";
import { webWorkers } from "@ringline/web-workers";
import { expect, test } from "vitest";

const Step = defineMessage("Step", body<{ n: number }>());
const next = defineKernel({
  id: "next",
  module: import.meta.url,
  input: Step,
  output: Step,
  handle: ({ n }) => Step({ n: n + 1 }),
});

// the suite runs in a browser: see scripts/lib/browser-page.mjs
test("where memory cannot be shared, the error names both headers", async () => {
  await using runtime = createRuntime({ backend: webWorkers() });
  await expect(runtime.start(next)).rejects.toMatchObject({
    code: "BACKEND_UNAVAILABLE",
    details: { backend: "web-workers" },
    remedy: expect.stringMatching(/Cross-Origin-Opener-Policy.*Cross-Origin-Embedder-Policy/),
  });
});

test.each([
  ["threads", 0],
  ["threads", 1.5],
  ["placement", "anywhere"],
  ["dedicated", "next"],
  ["stallTimeout", -1],
  ["worker", "./worker.js"],
  ["thread", 2],
])("a wrong option is refused: %s", (name, value) => {
  expect(() => webWorkers({ [name]: value })).toThrowError(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});
