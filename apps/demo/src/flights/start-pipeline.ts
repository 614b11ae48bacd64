import type { Runtime } from "@ringline/core";
import { aggregate, clean, derive, report } from "./kernels.js";

/** Launches the four stages and links them: rows and their end go into the entry, the report comes out of the exit. */
export async function startPipeline(runtime: Runtime<"main", Record<never, never>>) {
  const entry = await runtime.start(clean);
  const derived = await runtime.start(derive);
  const totals = await runtime.start(aggregate);
  const exit = await runtime.start(report);
  await runtime.connect(entry, derived);
  await runtime.connect(derived, totals);
  await runtime.connect(totals, exit);
  return { entry, exit };
}
