import { type Backpressure, isRinglineError } from "@ringline/core";
import { CaseFailure, deepEqual, equal, PATIENCE, show, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Job } from "../../kernels/jobs.js";
import { OperatorRig } from "../../support/operator-rig.js";
import { PortModel } from "../../support/port-model.js";
import { Random } from "../../support/random.js";
import { reaches } from "../../support/traffic.js";
import type { Trial } from "../../trial.js";

const STEPS = 250;

interface Setting {
  readonly backpressure: Backpressure;
  readonly queueSize: number;
}

/** Sends and receives at random, and compares each step with the model. */
async function walk(trial: Trial, { backpressure, queueSize }: Setting, random: Random): Promise<void> {
  const rig = await OperatorRig.start(trial, { backpressure, queueSize });
  const model = new PortModel(queueSize, backpressure);
  const parked = new Map<number, Promise<void>>();
  // few levels make ties, many make jumps
  const levels = random.chance(0.5) ? 3 : 256;

  const send = async (n: number): Promise<void> => {
    const priority = random.below(levels);
    const outcome = model.offer({ n, priority });
    const sent = rig.kernel.send(Job({ n }, { priority }));
    if (outcome === "parked") {
      parked.set(n, sent);
    } else {
      equal(
        await within(
          PATIENCE,
          sent.then(() => "accepted", rejection),
        ),
        outcome,
        `send ${n}`,
      );
    }
  };
  const receive = async (): Promise<void> => {
    const taken = model.take();
    if (taken === undefined) {
      await rig.expect({ call: "receive", timeout: 0 }, "TIMEOUT");
      return;
    }
    const [outcome] = await rig.do({ call: "receive", ...soon });
    deepEqual(outcome, { code: null, ns: [taken.n] }, "delivery");
    if (taken.letIn !== undefined)
      await within(PATIENCE, parked.get(taken.letIn) as Promise<void>, `send ${taken.letIn}`);
  };

  for (let step = 0; step < STEPS; step++) {
    const share = model.parked > 5 ? 0.2 : Math.floor(step / 40) % 2 === 0 ? 0.7 : 0.4;
    if (random.chance(share)) await send(step);
    else await receive();
  }
  await reaches(rig.kernel, {
    input: { accepted: model.accepted, queued: model.queued, dropped: model.dropped.length },
  });
  while (model.queued > 0) await receive();
  await receive();
}

function rejection(error: unknown): string {
  return isRinglineError(error, "QUEUE_FULL") ? "rejected" : show(error);
}

/** Runs the walk for one seed, which a failure names. */
async function seeded(trial: Trial, setting: Setting, seed: number): Promise<void> {
  try {
    await walk(trial, setting, new Random(seed));
  } catch (error) {
    throw new CaseFailure(`seed ${seed}: ${error instanceof Error ? error.message : show(error)}`, { cause: error });
  }
}

export const randoms: readonly Case[] = (["block", "reject", "drop-oldest"] as const).flatMap((backpressure) =>
  [1, 2, 5, 4096].map(
    (queueSize): Case => ({
      law: 3,
      name: `random: ${backpressure}, queue of ${queueSize}: sends and receives at random, as the model has it`,
      async run(trial) {
        // two seeds that are always the same, and one that is new each time
        for (const seed of [1, 2, Math.floor(Math.random() * 2 ** 32)])
          await seeded(trial, { backpressure, queueSize }, seed);
      },
    }),
  ),
);
