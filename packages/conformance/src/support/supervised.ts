import type { AnyKernel, KernelHandle, LaunchOptions, RuntimeEvents, Supervision } from "@ringline/core";
import { equal, until } from "../assert.js";
import { relay } from "../kernels/job-workers.js";
import { type Done, gate, type Job, Pass, type Tries, tally } from "../kernels/jobs.js";
import type { Trial, TrialRuntime } from "../trial.js";

/** Restarts at once, as often as it takes. */
export const quick = {
  restart: "on-failure",
  backoff: { initial: 1, factor: 1, jitter: 0 },
  limit: { max: 1000, window: 60_000 },
} as const satisfies Supervision;

/** The same, but redelivers messages in hand. */
export const retrying = { ...quick, onCrash: "retry" } as const satisfies Supervision;

/** Does not restart during a case. */
export const patient = {
  ...quick,
  backoff: { initial: 3_600_000, max: 3_600_000, jitter: 0 },
} as const satisfies Supervision;

export type Restart = RuntimeEvents["restart"];

/** A kernel that does jobs under supervision, with all the peers that it may need. */
export class SupervisedRig {
  readonly restarts: Restart[] = [];

  private constructor(
    readonly runtime: TrialRuntime,
    readonly kernel: KernelHandle<Job, Done>,
    readonly witness: KernelHandle<Job, Job>,
    /** Counts of attempts by job; a loop asks it at the beginning of each incarnation. */
    readonly tally: KernelHandle<Job, Tries>,
  ) {
    runtime.on("restart", (restart) => this.restarts.push(restart));
  }

  /** Launched, not yet active. */
  static async launch(
    trial: Trial,
    kernel: AnyKernel,
    options: LaunchOptions<string, string> = {},
    runtime: TrialRuntime = trial.runtime(),
    peers: LaunchOptions<string, string> = {},
  ): Promise<SupervisedRig> {
    const counting = await runtime.start(tally, peers as never);
    await runtime.start(gate, peers as never);
    const told = await runtime.start(relay.as("witness"), peers as never);
    const handle = await runtime.launch(kernel, options as never);
    return new SupervisedRig(runtime, handle as unknown as KernelHandle<Job, Done>, told, counting);
  }

  /** The same, active. */
  static async start(...args: Parameters<typeof SupervisedRig.launch>): Promise<SupervisedRig> {
    const rig = await SupervisedRig.launch(...args);
    await rig.kernel.activate();
    return rig;
  }

  /** Lets one held job go on. */
  async pass(): Promise<void> {
    await this.runtime.send(gate, Pass());
  }

  /** Waits for this number of restarts; fails if there are more. */
  async restarted(times: number): Promise<readonly Restart[]> {
    await until(`${times} restart events`, () => this.restarts.length >= times);
    equal(this.restarts.length, times, "number of restart events");
    return this.restarts;
  }
}
