import { isRinglineError, type KernelHandle } from "@ringline/core";
import { fail, PATIENCE, show, sleep, within } from "../../assert.js";
import type { Case } from "../../case.js";
import type { Result } from "../../kernels/messages.js";
import { Task } from "../../kernels/messages.js";
import { asker, forwarder } from "../../kernels/peers.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { batcher, handler, looper } from "../../kernels/workers.js";
import { range } from "../../support/handle.js";
import { Random } from "../../support/random.js";
import type { TrialRuntime } from "../../trial.js";

const SEEDS = 24;
const STEPS = 250;

/** Kernels that are peers of each other and can be linked. */
const kernels = [handler, looper, batcher, passer, passLoop, asker, forwarder, handler.as("next")];
type Handle = KernelHandle<Task, Result>;

/**
 * Random calls at random times: every call settles, and the accounts balance (which the trial checks). The effect of a
 * seed depends on timing, too, so a failure may need several runs to occur again.
 */
export const chaos: readonly Case[] = range(SEEDS).map(
  (seed): Case => ({
    law: 10,
    name: `chaos ${seed}: whatever the order of calls, each settles, and everything is accounted for`,
    async run(trial) {
      const runtime: TrialRuntime = trial.runtime();
      const random = new Random(seed);
      const calls: Promise<unknown>[] = [];
      for (let step = 0; step < STEPS; step++) {
        calls.push(act(runtime, random).catch((error: unknown) => ({ error })));
        if (random.below(8) === 0) await sleep(0);
      }
      await within(PATIENCE, runtime.dispose({ timeout: 50, drain: random.below(2) === 0 }), "dispose");
      for (const outcome of await within(PATIENCE, Promise.all(calls), "the calls")) {
        const { error } = (outcome ?? {}) as { readonly error?: unknown };
        if (error !== undefined && !isRinglineError(error)) fail(`a call failed with ${show(error)}`, error);
      }
    },
  }),
);

/** Makes one call. Many fail, as the kernel does not exist or is in another state. */
async function act(runtime: TrialRuntime, random: Random): Promise<unknown> {
  const kernel = pick(random, kernels);
  const wait = random.below(3) === 0 ? {} : { timeout: random.below(30) };
  const at = kernel as unknown as Handle;
  switch (random.below(12)) {
    case 0:
      return runtime.launch(kernel, {
        queueSize: pick(random, [1, 2, 16]),
        backpressure: pick(random, ["block", "reject", "drop-oldest"]),
      });
    case 1:
      return runtime.start(kernel);
    case 2:
      return random.below(2) === 0 ? runtime.activate(at) : runtime.reactivate(at);
    case 3:
      return runtime.deactivate(at);
    case 4:
      return runtime.terminate(at, { timeout: random.below(20), drain: random.below(2) === 0 });
    case 5:
      return runtime.connect(passer.as(pick(random, ["passer", "passLoop"])), pick(random, [passer, passLoop]), {
        mode: pick(random, ["broadcast", "round-robin"]),
      });
    case 6:
      return runtime.receive(at, wait);
    case 7:
      return runtime.request(at, task(random), wait);
    default:
      return runtime.send(at, task(random), wait);
  }
}

function task(random: Random): Task {
  const priority = random.below(256);
  switch (random.below(12)) {
    case 0:
      return Task({ n: 0, fail: "on purpose" }, { priority });
    case 1:
      return Task({ n: 1, delay: random.below(10) }, { priority });
    case 2:
      return Task({ n: 2, hang: pick(random, ["until-asked", "for-ever"]) }, { priority });
    case 3:
      return Task({ n: 3 }, { priority, expiresIn: 1 + random.below(5) });
    default:
      return Task({ n: 4, outputs: random.below(4) }, { priority });
  }
}

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.below(list.length)] as T;
}
