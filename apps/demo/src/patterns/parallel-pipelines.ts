import { type Backend, createRuntime } from "@ringline/core";
import { computeEach, preprocessEach, RawData } from "./simple-pipeline.js";

/** Three copies of a pipeline, fed in turn. */
export async function parallelPipelines(backend: Backend): Promise<void> {
  await using runtime = createRuntime({ backend });
  const outputQueues = await Promise.all(
    [0, 1, 2].map(async (i) => {
      const entry = await runtime.start(preprocessEach, { id: `preprocess_${i}` });
      const exit = await runtime.start(computeEach, { id: `compute_${i}` });
      await runtime.connect(entry, exit);
      return { entry, exit };
    }),
  );
  const laneOf = (row: number) => outputQueues[row % outputQueues.length]!;

  const rows = Array.from({ length: 9 }, (_, i) => [0, i + 1, 10]);
  for (const [row, values] of rows.entries()) await laneOf(row).entry.send(RawData({ values }));

  // read in the same turn, the results come in the order of the rows
  for (const row of rows.keys()) {
    const { exit } = laneOf(row);
    const { result } = await exit.receive({ timeout: 1000 });
    console.log(`row ${row}: ${result.toFixed(2)} from ${exit.id}`);
  }
}
