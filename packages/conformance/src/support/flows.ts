import type { Flow } from "@ringline/core";
import { PATIENCE, within } from "../assert.js";

/** Runs a source through a flow, and returns all outputs. */
export async function outputsOf<In, Out>(
  flow: Pick<Flow<In, Out>, "process">,
  source: Iterable<In> | AsyncIterable<In>,
): Promise<Out[]> {
  const outputs: Out[] = [];
  const all = async () => {
    for await (const output of flow.process(source)) outputs.push(output);
  };
  await within(PATIENCE, all(), "process");
  return outputs;
}

/** Counts the occurrences of each number. */
export function countsOf(numbers: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const n of numbers) counts.set(n, (counts.get(n) ?? 0) + 1);
  return counts;
}
