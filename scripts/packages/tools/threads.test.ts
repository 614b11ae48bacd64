import { createRuntime } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import { expect, test } from "vitest";
import { Line, lines } from "./kernels.ts";

test("kernels of a TypeScript project run on threads", async () => {
  const runtime = createRuntime({ backend: workerThreads({ threads: 2 }) });
  const flow = await runtime.run(lines);
  const counts: number[] = [];
  for await (const { words } of flow.process(["a b", "c d e"].map((text) => Line({ text })))) counts.push(words);
  await runtime.dispose();
  expect(counts).toEqual([2, 3]);
}, 60_000);
