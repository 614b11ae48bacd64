import { asRinglineError, errors } from "../errors/ringline-error.js";
import { dealt, type KeyedValues } from "../host/hosted-state.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { lineageOf } from "../messages/any-message.js";
import type { KernelServices } from "../runtime/kernel-services.js";
import { isEnded } from "../runtime/kernel-transitions.js";
import type { LaunchedKernel } from "../runtime/launched-kernel.js";
import type { ChangeOptions, MoveOptions, SwapOptions, TuneOptions } from "../runtime/move-options.js";
import { type Part, Rescaling } from "../runtime/rescaling.js";
import type { RuntimeEvents } from "../runtime/runtime-types.js";
import type { KeyShare } from "../seam/incarnation.js";
import { NO_LATENCY } from "../telemetry/telemetry.js";
import { bounded } from "../time/wait-options.js";
import { type RunningStage, shareOf } from "./build-flow.js";
import type { FlowCore } from "./flow-core.js";
import { originOf } from "./flow-origin.js";
import { mergeWorkers } from "./flow-telemetry.js";
import type { Partition } from "./workers-sink.js";

/** The part of one worker in a change of their number. */
export interface StageShare {
  readonly part: Part;
  /** Messages per second. */
  readonly rate: number;
  readonly share: KeyShare | undefined;
  /** For a new worker: one whose place and definition it gets. */
  readonly model: LaunchedKernel | undefined;
}

/** Changes of a running worker of a stage, made by the runtime. */
export interface StageChanges {
  move(kernel: LaunchedKernel, options: MoveOptions): Promise<void>;
  /** The part of a worker in a change of their number. `stays`: it begins again. */
  scale(kernel: LaunchedKernel, stays: boolean, share: StageShare, options: ChangeOptions): Promise<void>;
  /** `rate`: messages per second of this worker; undefined for no change. */
  tune(kernel: LaunchedKernel, options: TuneOptions, rate: number | undefined): Promise<void>;
  /** `onError`: replaces that of the definition. */
  swap(
    kernel: LaunchedKernel,
    definition: unknown,
    options: SwapOptions,
    onError: KernelDefinition["onError"] | undefined,
  ): Promise<void>;
}

/** Changes the number of workers of a stage while it runs. */
export class StageScaler {
  readonly #stage: RunningStage;
  readonly #core: FlowCore;
  readonly #nodes: readonly number[];
  readonly #changes: StageChanges;
  readonly #services: KernelServices;
  readonly #release: (kernels: readonly LaunchedKernel[]) => Promise<void>;
  /** Workers that have left, whose outputs are being forwarded. */
  readonly #leaving = new Set<Promise<void>>();

  /** `nodes`: of all workers that the stage may have. */
  constructor(
    stage: RunningStage,
    core: FlowCore,
    nodes: readonly number[],
    changes: StageChanges,
    services: KernelServices,
    release: (kernels: readonly LaunchedKernel[]) => Promise<void>,
  ) {
    this.#stage = stage;
    this.#core = core;
    this.#nodes = nodes;
    this.#changes = changes;
    this.#services = services;
    this.#release = release;
  }

  /** Rejects as `scale` of a flow does: the stage then runs on as it was. `load`: the reason of an automatic change. */
  async scale(to: number, options: ChangeOptions, load: RuntimeEvents["scaled"]["load"]): Promise<void> {
    const stage = this.#stage;
    const { maxWorkers, kernel } = stage.plan;
    if (stage.partition === undefined || kernel.durable !== undefined) throw fixed(stage);
    if (!(Number.isSafeInteger(to) && to >= 1 && to <= maxWorkers)) {
      const remedy = `Stage "${stage.plan.name}" may have 1 to ${maxWorkers} workers.`;
      throw new errors.INVALID_ARGUMENT({ argument: "workers", value: to }, { stage: stage.plan.name, remedy });
    }
    const before = stage.kernels.filter(({ state }) => !isEnded(state));
    if (before.length === to) return;
    const added = await this.#launch(to - before.length, options);
    try {
      const rescaling = await this.#deal(stage.partition, before, added, to, options);
      const { by = "program" } = options;
      const pause = this.#core.clock.now() - rescaling.since;
      const { messages } = rescaling;
      const [flow, { name }] = [this.#core.id, stage.plan];
      this.#services.scaled({ flow, stage: name, from: before.length, to, messages, pause, by, load });
    } catch (error) {
      stage.kernels = stage.kernels.filter((kernel) => !added.includes(kernel));
      await this.#end(added);
      throw error;
    }
  }

  /** Launches and activates further workers, which get no messages yet. */
  async #launch(count: number, { timeout, signal }: ChangeOptions): Promise<readonly LaunchedKernel[]> {
    const stage = this.#stage;
    const { clock } = this.#core;
    const isLive = ({ state }: LaunchedKernel) => !isEnded(state);
    this.#retire(stage.kernels.filter((kernel) => !isLive(kernel)));
    stage.kernels = stage.kernels.filter(isLive);
    const taken = new Set(stage.kernels.map(({ node }) => node));
    if (count > 0) await Promise.all(this.#leaving);
    const free = [...this.#nodes.keys()].filter((number) => !taken.has(this.#nodes[number]));
    const launches = free.slice(0, Math.max(0, count)).map((number) =>
      bounded({ timeout, signal }, clock, "scale", this.#core.id, async (over) => {
        const kernel = await stage.launch(number, over);
        stage.alive++;
        await kernel.activate("activate").catch((error) => this.#end([kernel]).then(() => Promise.reject(error)));
        return kernel;
      }),
    );
    const launched = await Promise.allSettled(launches);
    const added = launched.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const failed = launched.find((one) => one.status === "rejected");
    if (failed !== undefined) {
      await this.#end(added);
      throw failed.reason;
    }
    const isPaused = stage.kernels.some(({ state }) => state === "deactivated");
    stage.kernels = [...stage.kernels, ...added]; // paused and flushed with the others from now on
    if (isPaused) await Promise.all(added.map((kernel) => kernel.deactivate()));
    return added;
  }

  async #deal(
    partition: Partition,
    before: readonly LaunchedKernel[],
    added: readonly LaunchedKernel[],
    to: number,
    options: ChangeOptions,
  ): Promise<Rescaling> {
    const stage = this.#stage;
    const all = [...before, ...added];
    const staying = all.slice(0, to);
    const rescaling = new Rescaling(all.length, to, {
      states: (states) => (stage.plan.kernel.keyed ? dealt(states as readonly KeyedValues[], to) : states),
      hold: () => partition.hold(),
      choose: ({ message }, from) => {
        const index = partition.indexOf(message, to);
        const origin = originOf(lineageOf(message));
        if (origin !== undefined && index !== from) {
          origin.enter(staying[index]?.node as number);
          origin.leave(all[from]?.node as number);
        }
        return index;
      },
      resume: () => {
        stage.kernels = [...staying];
        return partition.resume(staying.map(stage.sinkOf));
      },
    });
    const [model] = before;
    const rate = model === undefined ? stage.plan.rate / to : (model.rate * before.length) / to;
    const changes = all.map((kernel, index) => {
      const part = rescaling.part(index);
      const share = shareOf(stage.plan, index, to);
      const own = { part, rate, share, model: added.includes(kernel) ? model : undefined };
      const changed = this.#changes.scale(kernel, index < to, own, options);
      changed.catch((error) => part.failed(error)); // ends the change of all, unless the kernel leaves
      return changed;
    });
    await Promise.all(changes.slice(0, to));
    const leaving = all.slice(to);
    stage.alive -= leaving.length;
    this.#retire(leaving);
    return rescaling;
  }

  /** Ends workers that have handed over what they had, and forgets them once their outputs are forwarded. */
  #retire(leaving: readonly LaunchedKernel[]): void {
    for (const kernel of leaving) {
      this.#stage.left.add(kernel);
      const over = this.#forget(kernel)
        .catch((error) => this.#services.error(asRinglineError(error, { kernelId: kernel.id })))
        .finally(() => this.#leaving.delete(over));
      this.#leaving.add(over);
    }
  }

  async #forget(kernel: LaunchedKernel): Promise<void> {
    const stage = this.#stage;
    await kernel.terminate({});
    for (const generation of [0, 1]) await this.#core.inFlightCounter.whenEmpty([kernel.node as number], generation);
    const { wait, processing, ...telemetry } = await kernel.telemetry();
    const counts = { ...telemetry, wait: NO_LATENCY, processing: NO_LATENCY };
    stage.past = stage.past === undefined ? counts : mergeWorkers(stage.plan, [counts, stage.past]);
    stage.left.delete(kernel);
    await this.#release([kernel]);
  }

  async #end(kernels: readonly LaunchedKernel[]): Promise<void> {
    this.#stage.alive -= kernels.length;
    await Promise.all(kernels.map((kernel) => kernel.terminate({ timeout: 0 })));
    await this.#release(kernels);
  }
}

function fixed({ plan: { name, by, kernel } }: RunningStage) {
  const remedy =
    kernel.durable !== undefined
      ? "The stored state of its kernel belongs to one worker."
      : by === "broadcast"
        ? "Each of its workers gets every message."
        : "Let it begin with `workers: { min, max }`, or with several workers: only then the flow can restore the order of results.";
  return new errors.INVALID_ARGUMENT({ argument: "stage", value: name }, { stage: name, remedy });
}
