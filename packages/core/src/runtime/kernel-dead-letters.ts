import { type AnyRinglineError, errors, placed } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { type AnyMessage, lineageOf } from "../messages/any-message.js";
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
