import { deepEqual, equal, fail } from "../../assert.js";
import type { Case } from "../../case.js";
import { Item } from "../../kernels/by-name.js";
import { settled } from "../../ledger.js";
import { countsOf, outputsOf } from "../../support/flows.js";
import { range } from "../../support/handle.js";
import { randomFlow } from "../../support/random-flow.js";
import type { Trial } from "../../trial.js";

const INPUTS = 40;
const SEEDS = 50;
const EACH = 5;

/**
 * Checks that a random graph does what its model says: nothing is lost or doubled, joins and preserved order are exact.
 */
async function check(trial: Trial, seed: number): Promise<void> {
  const { topology, outputs, letters: deadLetters, isOrdered, mistakes } = randomFlow(seed);
  const runtime = trial.runtime();
  const maxInFlight = [undefined, 3, 20][seed % 3];
  const flow = await runtime.run(topology, maxInFlight === undefined ? {} : { maxInFlight });
  const seen = (
    await outputsOf(
      flow,
      range(INPUTS).map((n) => Item({ n })),
    )
  ).map(({ n }) => n);
  deepEqual(mistakes, [], "mistakes of joins");
  const counts = countsOf(seen);
  deepEqual(
    range(INPUTS).map((n) => counts.get(n) ?? 0),
    range(INPUTS).map(outputs),
    "outputs of each input",
  );
  equal(
    flow.deadLetters.size,
    range(INPUTS).reduce((sum, n) => sum + deadLetters(n), 0),
    "dead letters",
  );
  if (isOrdered)
    deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
      "order of the outputs",
    );
  const { inFlight, stages } = await flow.telemetry();
  equal(inFlight, 0, "in flight");
  for (const { stage, ledger } of stages) settled(stage, ledger.input);
  await flow.terminate();
}

export const randomFlows: readonly Case[] = range(SEEDS / EACH).map((part) => ({
  law: 1,
  name: `flow: graphs by chance do what a model says, seeds ${part * EACH} to ${part * EACH + EACH - 1}`,
  limit: 30_000,
  async run(trial) {
    for (const seed of range(part * EACH + EACH, part * EACH)) {
      try {
        await check(trial, seed);
      } catch (error) {
        fail(`seed ${seed}: ${(error as Error).message}`, error);
      }
    }
  },
}));
