import { errors } from "../errors/ringline-error.js";
import type { TerminateOptions } from "../runtime/channel.js";
import type { Replay } from "../runtime/dead-letter-store.js";
import type { DeadLetter } from "../runtime/dead-letters.js";
import type { FlowInspection } from "../runtime/inspection.js";
import { checkWait, END_SIGNAL, EndSignal, limitWait } from "../time/wait-options.js";
import { planOf } from "../topologies/plan.js";
import type { FlowOptions } from "./flow-types.js";
import type { LocalFlow } from "./local-flow.js";
import { type FlowRuntime, isDurable, runFlow } from "./run-flow.js";

/** The flows of a runtime. */
export class RunningFlows {
  readonly #runtime: FlowRuntime;
  /** Flows by id; undefined while they are launched. */
  readonly #flows = new Map<string, LocalFlow | undefined>();
  readonly #launching = new Set<Promise<unknown>>();
  /** Ends pending launches when the runtime is disposed. */
  readonly #closing = new EndSignal();

  constructor(runtime: FlowRuntime) {
    this.#runtime = runtime;
  }

  has(id: string): boolean {
    return this.#flows.has(id);
  }

  async run(topology: unknown, options: FlowOptions): Promise<LocalFlow> {
    if (this.#closing.isOver) throw new errors.TERMINATED({ operation: "run" });
    const plan = planOf(topology);
    checkWait(options, "run", plan.name);
    this.#forgetEnded();
    const id = isDurable(plan) ? this.#ownId(plan.name) : this.#freeId(plan.name);
    this.#flows.set(id, undefined);
    const { timeout, signal } = options;
    const limits = { timeout, signal, [END_SIGNAL]: this.#closing };
    // the error is thrown after everything launched has been cleaned up
    const over = new AbortController();
    const unlimit = limitWait(limits, this.#runtime.services.clock, "run", id, (error) => over.abort(error));
    const running = runFlow(plan, options, id, this.#runtime, over.signal).finally(unlimit);
    this.#launching.add(running);
    try {
      const flow = await running;
      this.#flows.set(id, flow);
      return flow;
    } catch (error) {
      this.#flows.delete(id);
      throw error;
    } finally {
      this.#launching.delete(running);
    }
  }

  /**
   * Returns the replay of a dead letter of a flow or one of its stages; undefined for other dead letters. Throws
   * `INVALID_ARGUMENT`.
   */
  replayTarget(deadLetter: DeadLetter): Replay | undefined {
    const { kernelId, stage } = deadLetter;
    const flow = stage === null ? undefined : this.#flows.get(kernelId.slice(0, kernelId.lastIndexOf(`.${stage}`)));
    return (flow ?? this.#flows.get(kernelId))?.replayTarget(deadLetter);
  }

  /** Flows that are launched and have not ended. */
  get running(): LocalFlow[] {
    return [...this.#flows.values()].flatMap((flow) => (flow === undefined || flow.hasEnded ? [] : [flow]));
  }

  inspect(): FlowInspection[] {
    return this.running.map((flow) => flow.inspect());
  }

  /** Terminates all flows, pending launches included; no flow starts afterwards. */
  async terminate(options: TerminateOptions): Promise<void> {
    this.#closing.end();
    await Promise.allSettled(this.#launching);
    await Promise.all([...this.#flows.values()].map((flow) => flow?.terminate(options)));
  }

  /** Dead-letters the unread outputs of all flows, except durable ones. */
  dispose(): void {
    for (const flow of this.#flows.values()) flow?.dispose();
  }

  /** Forgets flows that have ended and whose outputs were read. */
  #forgetEnded(): void {
    for (const [id, flow] of this.#flows) if (flow?.isSpent) this.#flows.delete(id);
  }

  /**
   * The id of a durable flow is its name, by which its journal is found. A flow that has ended leaves its unread
   * outputs to the next.
   */
  #ownId(name: string): string {
    const before = this.#flows.get(name);
    if (before?.hasEnded) {
      before.dispose();
      this.#flows.delete(name);
    }
    if (!this.#isTaken(name)) return name;
    const remedy = "A durable topology runs under its own name, once: give a second one another name.";
    throw new errors.KERNEL_EXISTS({ backend: null }, { kernelId: name, remedy });
  }

  /** The name, with a number if it is taken. */
  #freeId(name: string): string {
    if (!this.#isTaken(name)) return name;
    for (let number = 2; ; number++) {
      const id = `${name}#${number}`;
      if (!this.#isTaken(id)) return id;
    }
  }

  #isTaken(id: string): boolean {
    return this.#flows.has(id) || this.#runtime.isKernel(id);
  }
}
