import { type AnyRinglineError, errors, placed } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { type AnyMessage, lineageOf } from "../messages/any-message.js";
import type { Published } from "../seam/incarnation.js";
import type { Port, Unsettled } from "../seam/port.js";
import type { Checkpoints } from "./checkpoints.js";
import type { LinkTarget } from "./kernel-output.js";
import type { KernelServices } from "./kernel-services.js";
import type { StageContext } from "./stage-context.js";

/** Makes the dead letters of a kernel. In a flow, the origin of the message then counts one message in flight less. */
export class KernelDeadLetters {
  readonly #kernel: KernelDefinition;
  readonly #services: KernelServices;
  readonly #stage: StageContext | undefined;

  constructor(kernel: KernelDefinition, services: KernelServices, stage: StageContext | undefined) {
    this.#kernel = kernel;
    this.#services = services;
    this.#stage = stage;
  }

  deadLetter(message: AnyMessage, error: AnyRinglineError, attempts: number): void {
    const { id } = this.#kernel;
    if (this.#stage === undefined) {
      this.#services.deadLetter(id, message, error, attempts);
      return;
    }
    const { name, node } = this.#stage.stage;
    const staged = placed(error, { stage: name });
    this.#services.deadLetter(id, message, staged, attempts, name);
    lineageOf(message)?.origin?.leave(node, staged);
  }

  /** Makes a dead letter of a request that was dropped to make room for newer messages. */
  dropped(kernel: LinkTarget, message: AnyMessage): void {
    this.#services.dropped(kernel, message);
    if (this.#stage === undefined) return;
    const { name: stage, node } = this.#stage.stage;
    const { id: kernelId, definition } = kernel;
    const place = {
      kernelId,
      stage,
      messageId: message.messageId,
      remedy: "The message was dropped to make room for newer ones.",
    };
    lineageOf(message)?.origin?.leave(node, new errors.QUEUE_FULL({ queueSize: definition.queueSize }, place));
  }
}

/** The messages that a kernel leaves unprocessed: they are redelivered, or become dead letters. */
export class UnprocessedMessages {
  readonly #input: Port;
  readonly #checkpoints: Checkpoints;
  readonly #published: PublishedOutputs;
  readonly #deadLetters: KernelDeadLetters;
  /**
   * The settlement under way. Settlements run one after the other, so that no message is recovered twice, even if a
   * place takes its time.
   */
  #latest: Promise<void> = Promise.resolve();

  constructor(input: Port, checkpoints: Checkpoints, published: PublishedOutputs, deadLetters: KernelDeadLetters) {
    this.#input = input;
    this.#checkpoints = checkpoints;
    this.#published = published;
    this.#deadLetters = deadLetters;
  }

  /** Puts messages in flight back at the head of the queue. `latest`: attempts in the incarnation that has ended. */
  retry(latest: number): Promise<void> {
    return this.#recovered((inFlight) => {
      // each requeued message goes to the head of the queue: the oldest is requeued last
      for (const { message, attempts } of [...inFlight].reverse()) {
        this.#input.inlet.settle(message, "requeued", attempts + latest);
      }
    });
  }

  deadLetterInFlight(latest: number, error: () => AnyRinglineError): Promise<void> {
    return this.#recovered((inFlight) => {
      for (const { message, attempts } of inFlight) {
        this.#input.inlet.settle(message, "dead-lettered");
        this.#deadLetters.deadLetter(message, error(), attempts + latest);
      }
    });
  }

  #recovered(settle: (inFlight: readonly Unsettled[]) => void): Promise<void> {
    this.#latest = this.#latest.then(async () => settle(await this.#recover()));
    return this.#latest;
  }

  async #recover(): Promise<readonly Unsettled[]> {
    const inHand = await this.#input.recover();
    this.#checkpoints.recover(inHand);
    this.#published.recover(inHand);
    return inHand;
  }

  /**
   * Makes dead letters of unwanted queued messages. Returns their number; undefined if the queue is not accessible
   * here.
   */
  discard(isUnwanted: (message: AnyMessage) => boolean, error: (message: AnyMessage) => AnyRinglineError) {
    const discarded = this.#input.discard?.(isUnwanted);
    for (const { message, attempts } of discarded ?? [])
      this.#deadLetters.deadLetter(message, error(message), attempts);
    return discarded?.length;
  }

  async deadLetterQueued(error: () => AnyRinglineError): Promise<void> {
    for (const { message, attempts } of await this.#input.remove())
      this.#deadLetters.deadLetter(message, error(), attempts);
  }
}

/** Outputs that were sent before their input was done, stored outside the incarnations to survive a crash. */
export class PublishedOutputs implements Published {
  /** Output ids by input id. */
  readonly #outputs = new Map<string, Set<string>>();

  get isEmpty(): boolean {
    return this.#outputs.size === 0;
  }

  has(inputId: string, outputId: string): boolean {
    return this.#outputs.get(inputId)?.has(outputId) ?? false;
  }

  add(inputId: string, outputId: string): void {
    const known = this.#outputs.get(inputId);
    if (known === undefined) this.#outputs.set(inputId, new Set([outputId]));
    else known.add(outputId);
  }

  forget(inputId: string): void {
    this.#outputs.delete(inputId);
  }

  /** Keeps only the outputs of these inputs, in flight at the end of the incarnation: all others are done. */
  recover(inHand: readonly Unsettled[]): void {
    const kept = new Set(inHand.map(({ message }) => message.messageId));
    for (const inputId of this.#outputs.keys()) if (!kept.has(inputId)) this.#outputs.delete(inputId);
  }
}
