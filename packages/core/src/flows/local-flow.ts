import { releaseReferences } from "../buffers/references.js";
import type { DurableFlow } from "../durable/durable-flow.js";
import { type AnyRinglineError, asRinglineError, errors, isRinglineError } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import type { AnyMessage } from "../messages/any-message.js";
import { isDevelopment } from "../messages/environment.js";
import { AcceptedTypes } from "../messages/message-type.js";
import { Receivers } from "../ports/receivers.js";
import { iterateOutputs, type TerminateOptions } from "../runtime/channel.js";
import type { Replay } from "../runtime/dead-letter-store.js";
import type { DeadLetter, DeadLetters } from "../runtime/dead-letters.js";
import type { FlowInspection } from "../runtime/inspection.js";
import type { LaunchedKernel } from "../runtime/launched-kernel.js";
import type { ChangeOptions, MoveOptions, SwapOptions, TuneStageOptions } from "../runtime/move-options.js";
import { Termination } from "../runtime/termination.js";
import { settlesBefore } from "../time/on-abort.js";
import { checkLimits, checkWait, END_SIGNAL, EndSignal, limited, type WaitOptions } from "../time/wait-options.js";
import { type Description, describePlan } from "../topologies/describe-plan.js";
import type { Plan } from "../topologies/plan.js";
import { Autoscaler } from "./autoscaler.js";
import type { FlowBuilder, RunningStage } from "./build-flow.js";
import type { FlowCore } from "./flow-core.js";
import { FlowIngress, resumeFlow } from "./flow-ingress.js";
import type { FlowNodes } from "./flow-nodes.js";
import type { AnyOrigin, ToDeadLetter } from "./flow-origin.js";
import { flowMeasures, flowTelemetry } from "./flow-telemetry.js";
import type { FlowTelemetry, StageLoad } from "./flow-types.js";
import { Flusher } from "./flusher.js";
import type { FusedPlan } from "./fuse-chains.js";
import type { OutputQueue } from "./output-queue.js";
import { ProcessStream } from "./process-stream.js";
import type { StageChanges, StageScaler } from "./stage-scaler.js";
import { type FlowStreams, webStreams } from "./web-streams.js";

/** Milliseconds that a place with remote queues has to skip cancelled messages. */
const CANCELS_WITHIN = 1000;

/** A running topology. Its public interface is `Flow`. */
export class LocalFlow {
  readonly id: string;
  readonly #plan: Plan;
  readonly #core: FlowCore;
  readonly #built: FlowBuilder;
  readonly #chains: FusedPlan["chains"];
  readonly #ingress: FlowIngress;
  readonly #receivers: Receivers;
  readonly #ending: Termination;
  readonly #flusher: Flusher;
  readonly #release: (kernels: readonly LaunchedKernel[]) => Promise<void>;
  readonly #fail: (error: AnyRinglineError) => void;
  readonly #changes: StageChanges;
  readonly #scalers: ReadonlyMap<RunningStage, StageScaler>;
  readonly #autoscalers: readonly Autoscaler[];
  /** Ends pending drains when the flow has ended. */
  readonly #over: EndSignal;
  #hasEnded = false;
  /** Resolves when the inputs that an earlier program left have entered. */
  #begun: Promise<void> | undefined;
  #process: ProcessStream | undefined;

  /** `release`: forgets kernels that have ended. */
  constructor(
    plan: Plan,
    core: FlowCore,
    nodes: FlowNodes,
    built: FlowBuilder,
    chains: FusedPlan["chains"],
    readonly deadLetters: DeadLetters,
    fail: (error: AnyRinglineError) => void,
    changes: StageChanges,
    scalers: ReadonlyMap<RunningStage, StageScaler>,
    release: (kernels: readonly LaunchedKernel[]) => Promise<void>,
  ) {
    this.id = core.id;
    this.#plan = plan;
    this.#core = core;
    this.#built = built;
    this.#chains = chains;
    this.#ingress = new FlowIngress(core, new AcceptedTypes(plan.input, core.id), (...at) => built.entryAt(...at));
    this.send = this.#ingress.send;
    this.request = this.#ingress.request;
    this.#receivers = new Receivers(core.main, core.clock, core.id);
    this.#ending = new Termination(core.clock);
    this.#flusher = new Flusher(core, nodes, built, fail);
    this.#release = release;
    this.#over = new EndSignal(core.id);
    this.#fail = fail;
    this.#changes = changes;
    this.#scalers = scalers;
    this.#autoscalers = built.stages.flatMap((stage) => {
      const { scaling, name } = stage.plan;
      if (scaling === undefined) return [];
      const scale = (to: number, load: StageLoad) =>
        this.#scale(name, to, { by: "load", grace: Number.POSITIVE_INFINITY }, load).catch((thrown) => {
          const error = asRinglineError(thrown, { kernelId: this.id, stage: name });
          if (!isRinglineError(error, "TERMINATED")) fail(error);
        });
      return [new Autoscaler(stage, scaling, core.inFlightCounter, core.clock, scale)];
    });
    core.onFailure = (error) => {
      this.#process?.stageFailed(error);
      this.#failReceivers(error);
    };
    if (core.durable !== undefined) this.#resume(core.durable);
  }

  /** Resumes the inputs of an earlier program, and observes the journal. */
  #resume(durable: DurableFlow): void {
    this.#begun = resumeFlow(durable, this.#core, (node) => this.#built.beginAt(node)).catch((thrown) => {
      if (!isRinglineError(thrown, "TERMINATED")) this.#fail(asRinglineError(thrown, { kernelId: this.id }));
    });
    durable.onWriteError((error) => this.#fail(error));
    void durable.lost.then((error) => this.#takenOver(durable, error));
  }

  /** Ends the flow, as another program has taken it over: nothing more is sent, processed or read here. */
  #takenOver(durable: DurableFlow, error: AnyRinglineError): Promise<void> {
    durable.inputs.end();
    this.#ingress.close(error);
    this.#receivers.stop(() => error);
    this.#core.processing?.close(releaseReferences);
    this.#process?.fail(error);
    this.#core.main.close(releaseReferences);
    this.#fail(error);
    return this.terminate({ timeout: 0 });
  }

  // arrow functions, so that they can be detached from the flow
  readonly send: FlowIngress["send"];
  readonly request: FlowIngress["request"];

  readonly receive = (wait?: WaitOptions): Promise<AnyMessage> => {
    const { failure, main } = this.#core;
    if (failure !== undefined && main.inputs === 0 && main.size === 0) return Promise.reject(failure);
    return this.#receivers.receive(wait);
  };

  readonly process = (
    source: Iterable<unknown> | AsyncIterable<unknown>,
    options: Pick<WaitOptions, "signal"> = {},
  ): ProcessStream => {
    const stream = this.#stream(source, options);
    if (isDevelopment) stream.watch();
    return stream;
  };

  #stream(source: Iterable<unknown> | AsyncIterable<unknown>, options: Pick<WaitOptions, "signal">): ProcessStream {
    checkLimits(options, "process", this.id);
    return new ProcessStream(source, options.signal, this.id, {
      begin: (stream) => this.#beginProcess(stream),
      check: (message) => this.#ingress.check(message, "process"),
      core: this.#core,
      flush: () => this.#flusher.flush(),
      failed: (thrown) => this.#fail(asRinglineError(thrown, { kernelId: this.id })),
      cancel: (outputQueue) => this.#cancel(outputQueue),
      close: (outputQueue) => outputQueue.close((message) => this.#core.cancelled(message)),
      end: (stream) => {
        if (this.#process !== stream) return;
        this.#process = undefined;
        this.#core.processing = undefined;
      },
    });
  }

  /** The two ends of a `process`: written messages are its source. */
  readonly streams = (): FlowStreams => webStreams((source) => this.#stream(source, {}), this.id);

  readonly drain = async (wait?: WaitOptions): Promise<void> => {
    if (wait !== undefined) checkWait(wait, "drain", this.id);
    const flushed = this.#begun === undefined ? this.#flusher.flush() : this.#begun.then(() => this.#flusher.flush());
    await limited(flushed, { ...wait, [END_SIGNAL]: this.#over }, this.#core.clock, "drain", this.id);
  };

  readonly pause = async (stage?: string): Promise<void> => {
    this.#ingress.checkOpen("pause");
    await this.#eachKernel(stage, async (kernel) => {
      if (kernel.state === "active") await kernel.deactivate();
    });
  };

  readonly resume = async (stage?: string): Promise<void> => {
    this.#ingress.checkOpen("resume");
    await this.#eachKernel(stage, async (kernel) => {
      if (kernel.state === "deactivated") await kernel.activate("reactivate");
    });
  };

  readonly move = async (stage: string, options: MoveOptions): Promise<void> => {
    this.#ingress.checkOpen("move");
    await this.#inTurn(stage, async ({ kernels }) => {
      for (const kernel of kernels) await this.#changes.move(kernel, options);
    });
  };

  readonly swap = async (stage: string, definition: unknown, options: SwapOptions = {}): Promise<void> => {
    this.#ingress.checkOpen("swap");
    await this.#inTurn(stage, async ({ kernels, plan }) => {
      const onError = plan.onError as KernelDefinition["onError"] | undefined;
      for (const kernel of kernels) await this.#changes.swap(kernel, definition, options, onError);
    });
  };

  readonly tune = async (stage: string, options: TuneStageOptions): Promise<void> => {
    this.#ingress.checkOpen("tune");
    const { rate, ...limits } = options;
    if (rate !== undefined && !(rate > 0)) throw new errors.INVALID_ARGUMENT({ argument: "rate", value: rate });
    await this.#inTurn(stage, async ({ kernels }) => {
      for (const kernel of kernels) await this.#changes.tune(kernel, limits, rate && rate / kernels.length);
    });
  };

  readonly scale = async (stage: string, workers: number, options: ChangeOptions = {}): Promise<void> => {
    this.#ingress.checkOpen("scale");
    checkWait(options, "scale", this.id);
    await this.#scale(stage, workers, options, null);
  };

  #scale(name: string, workers: number, options: ChangeOptions, load: StageLoad | null): Promise<void> {
    return this.#inTurn(name, async (stage) => this.#scalers.get(stage)?.scale(workers, options, load));
  }

  /** Changes a stage after its earlier changes. Throws `INVALID_ARGUMENT` for a name that no stage has. */
  #inTurn(name: string, change: (stage: RunningStage) => Promise<void>): Promise<void> {
    const stage = this.#stage(name);
    const changed = stage.changing.then(() => change(stage));
    stage.changing = changed.catch(() => {});
    return changed;
  }

  readonly telemetry = (): Promise<FlowTelemetry> => flowTelemetry(this.#core, this.#built.stages, this.#chains);

  readonly describe = (): Description => {
    const { nodes, ...description } = describePlan(this.#plan);
    const placed = nodes.map((node) => (node.kind === "kernel" ? this.#now(node) : { ...node, backend: "host" }));
    return { ...description, nodes: placed };
  };

  readonly terminate = async (options: TerminateOptions = {}): Promise<void> => {
    checkLimits(options, "terminate", this.id);
    await this.#ending.beginWithin(options, ({ grace }) => this.#terminate(options.drain ?? false, grace));
  };

  /** Returns the replay of a dead letter of the flow's nodes. Throws `INVALID_ARGUMENT`. */
  replayTarget(deadLetter: DeadLetter): Replay {
    return this.#ingress.replayTarget(deadLetter);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  inspect(): FlowInspection {
    const { admission, main, processing } = this.#core;
    const holders = [...this.#built.batches.values(), ...this.#built.joins];
    return {
      flow: this.id,
      inFlight: admission.inFlight,
      waitingSenders: admission.waiting,
      ...flowMeasures(this.#core),
      unread: main.size + (processing?.size ?? 0),
      holds: holders.map(({ name, size }) => ({ node: name, messages: size })).filter(({ messages }) => messages > 0),
    };
  }

  /** True once the flow has ended and all its outputs were read. */
  get isSpent(): boolean {
    return this.#hasEnded && this.#core.main.size === 0;
  }

  /** Dead-letters the unread outputs; a durable flow leaves them to the next program. */
  dispose(): void {
    const toDeadLetter = (message: AnyMessage) =>
      this.#core.deadLetter(message, new errors.TERMINATED({ operation: "receive" }), null);
    this.#core.main.close(this.#core.durable === undefined ? toDeadLetter : releaseReferences);
  }

  [Symbol.asyncIterator](): AsyncIterator<AnyMessage, void, void> {
    return iterateOutputs(this.receive);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
  }

  #beginProcess(stream: ProcessStream): OutputQueue {
    this.#ingress.checkOpen("process");
    if (this.#process !== undefined) throw new errors.FLOW_BUSY({ flow: this.id }, { kernelId: this.id });
    if (this.#core.failure !== undefined) throw this.#core.failure;
    this.#process = stream;
    const outputQueue = this.#core.newOutputQueue(false);
    this.#core.processing = outputQueue;
    return outputQueue;
  }

  /**
   * Cancels the inputs in flight for this output queue: all messages but deliveries in flight become dead letters.
   * Returns undefined if that is done; otherwise resolves when it is, at the latest after a second, as a remote place
   * skips cancelled messages when they are taken.
   */
  #cancel(outputQueue: OutputQueue): Promise<void> | undefined {
    for (let origin = this.#core.inFlightCounter.first; origin !== undefined; origin = origin.next) {
      if (origin.outputs === outputQueue) origin.cancel();
    }
    const toDeadLetter = this.#deadLetterAs(() => new errors.CANCELLED({ flow: this.id }));
    const isCancelled = (origin: AnyOrigin) => origin.isCancelled;
    for (const batch of this.#built.batches.values()) batch.abandon(toDeadLetter, isCancelled);
    for (const join of this.#built.joins) join.abandon(toDeadLetter, isCancelled);
    for (const reorderer of this.#built.reorderers) reorderer.abandon(toDeadLetter, isCancelled);
    return this.#discardQueued() ? undefined : this.#settledWithin(outputQueue, CANCELS_WITHIN);
  }

  /** Discards cancelled messages in queues. Returns false if some queues are remote. */
  #discardQueued(): boolean {
    const kernels = this.#built.stages.flatMap((stage) => stage.kernels);
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      // parked messages fill the freed capacity meanwhile
      for (const kernel of kernels) if ((kernel.discardCancelled() ?? 0) > 0) isMoving = true;
    }
    return kernels.every((kernel) => kernel.discardCancelled() !== undefined);
  }

  #settledWithin(outputQueue: OutputQueue, limit: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#core.clock.after(limit, resolve);
      outputQueue.settled = () => {
        if (outputQueue.inputs > 0) return;
        cancel();
        resolve();
      };
      outputQueue.settled();
    });
  }

  #deadLetterAs(error: () => AnyRinglineError): ToDeadLetter {
    return (message, origin, node) => origin.leave(node, this.#core.deadLetter(message, error(), null));
  }

  async #terminate(drain: boolean, grace: AbortSignal): Promise<void> {
    const { main } = this.#core;
    this.#ingress.close();
    for (const autoscaler of this.#autoscalers) autoscaler.stop();
    this.#process?.stopPulling();
    if (drain && !grace.aborted) await settlesBefore(this.#flusher.flush(), grace);
    this.#core.durable?.inputs.end();
    const options = { timeout: Number.POSITIVE_INFINITY, signal: grace };
    const ends: Promise<unknown>[] = [];
    for (const { kernels } of this.#built.stages) {
      const end = Promise.all(kernels.map((kernel) => kernel.terminate(options)));
      ends.push(end);
      await settlesBefore(end, grace); // once the grace period is over, all at the same time
    }
    await Promise.all(ends);
    main.finish();
    this.#process?.fail(this.#terminated("process"));
    const toDeadLetter = this.#deadLetterAs(() => this.#terminated("the flow"));
    for (const batch of this.#built.batches.values()) batch.close(toDeadLetter);
    for (const join of this.#built.joins) join.close(toDeadLetter);
    for (const reorderer of this.#built.reorderers) reorderer.abandon(toDeadLetter, () => true);
    this.#receivers.close(() => this.#terminated("receive"));
    await this.#release(this.#built.stages.flatMap(({ kernels }) => kernels));
    this.#over.end();
    this.#hasEnded = true;
  }

  /** After a stage has failed for good: ends the waiting receivers whenever nothing is left in flight for them. */
  #failReceivers(error: AnyRinglineError): void {
    const { main } = this.#core;
    main.settled = () => {
      if (main.inputs === 0) this.#receivers.fail(() => error);
    };
    main.settled();
  }

  /** A stage as it is: with the backend where it was moved, and its number of workers. */
  #now(node: Description["nodes"][number]): Description["nodes"][number] {
    const kernels = this.#built.stages.find(({ plan }) => plan.name === node.name)?.kernels ?? [];
    const [kernel] = kernels;
    if (kernel === undefined) return node; // a part of a chain on a device
    return { ...node, workers: kernels.length, backend: kernel.hasMoved ? kernel.backend : node.backend };
  }

  /** Throws `INVALID_ARGUMENT`. */
  #stage(name: string): RunningStage {
    const stage = this.#built.stages.find(({ plan }) => plan.name === name);
    if (stage !== undefined) return stage;
    const names = this.#built.stages.map(({ plan }) => plan.name);
    const remedy = `Stages of the flow are ${names.join(", ")}.`;
    throw new errors.INVALID_ARGUMENT({ argument: "stage", value: name }, { kernelId: this.id, remedy });
  }

  async #eachKernel(stage: string | undefined, act: (kernel: LaunchedKernel) => Promise<void>): Promise<void> {
    const stages = stage === undefined ? this.#built.stages : [this.#stage(stage)];
    await Promise.all(stages.flatMap(({ kernels }) => kernels).map(act));
  }

  #terminated(operation: string): AnyRinglineError {
    return this.#ingress.terminated(operation);
  }
}
