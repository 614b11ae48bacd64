import { isRinglineError, type KernelHandle } from "@ringline/core";
import { fail, PATIENCE, show, sleep, within } from "../../assert.js";
import type { Case } from "../../case.js";
import type { Result } from "../../kernels/messages.js";
import { Task } from "../../kernels/messages.js";
import { asker, forwarder } from "../../kernels/peers.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { batcher, handler, looper } from "../../kernels/workers.js";
import { Chance } from "../../support/chance.js";
import { range } from "../../support/handle.js";
import type { TrialRuntime } from "../../trial.js";

const SEEDS = 24;
const STEPS = 250;

/** Kernels that know each other, and can be linked to one another. */
const kernels = [handler, looper, batcher, passer, passLoop, asker, forwarder, handler.as("next")];
type Handle = KernelHandle<Task, Result>;

/**
 * Anything at any time: whatever the order, every call settles, and the accounts balance (which the trial checks).
 * What a seed does depends on timing too, so that a failure may need several runs to show again.
 */
export const chaos: readonly Case[] = range(SEEDS).map(
  (seed): Case => ({
    law: 10,
    name: `chaos ${seed}: whatever the order of calls, each settles, and everything is accounted for`,
    async run(trial) {
      const runtime: TrialRuntime = trial.runtime();
      const chance = new Chance(seed);
      const calls: Promise<unknown>[] = [];
      for (let step = 0; step < STEPS; step++) {
        calls.push(act(runtime, chance));
        if (chance.below(8) === 0) await sleep(0);
      }
      const outcomes = Promise.allSettled(calls);
      await within(PATIENCE, runtime.dispose({ timeout: 50, drain: chance.below(2) === 0 }), "dispose");
      for (const outcome of await within(PATIENCE, outcomes, "the calls")) {
        if (outcome.status === "rejected" && !isRinglineError(outcome.reason)) {
          fail(`a call failed with ${show(outcome.reason)}`, outcome.reason);
        }
      }
    },
  }),
);

/** One call, of which many fail, as the kernel is not there or in another state. */
async function act(runtime: TrialRuntime, chance: Chance): Promise<unknown> {
  const kernel = chance.of(kernels);
  const wait = chance.below(3) === 0 ? {} : { timeout: chance.below(30) };
  const at = kernel as unknown as Handle;
  switch (chance.below(12)) {
    case 0:
      return runtime.launch(kernel, {
        queueSize: chance.of([1, 2, 16]),
        backpressure: chance.of(["block", "reject", "drop-oldest"]),
      });
    case 1:
      return runtime.start(kernel);
    case 2:
      return chance.below(2) === 0 ? runtime.activate(at) : runtime.reactivate(at);
    case 3:
      return runtime.deactivate(at);
    case 4:
      return runtime.terminate(at, { timeout: chance.below(20), drain: chance.below(2) === 0 });
    case 5:
      return runtime.connect(passer.as(chance.of(["passer", "passLoop"])), chance.of([passer, passLoop]), {
        mode: chance.of(["broadcast", "round-robin"]),
      });
    case 6:
      return runtime.receive(at, wait);
    case 7:
      return runtime.request(at, task(chance), wait);
    default:
      return runtime.send(at, task(chance), wait);
  }
}

function task(chance: Chance): Task {
  const priority = chance.below(256);
  switch (chance.below(12)) {
    case 0:
      return Task({ n: 0, fail: "on purpose" }, { priority });
    case 1:
      return Task({ n: 1, delay: chance.below(10) }, { priority });
    case 2:
      return Task({ n: 2, hang: chance.of(["until-asked", "for-ever"]) }, { priority });
    case 3:
      return Task({ n: 3 }, { priority, expiresIn: 1 + chance.below(5) });
    default:
      return Task({ n: 4, outputs: chance.below(4) }, { priority });
  }
}
