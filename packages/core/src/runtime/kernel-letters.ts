import { type AnyRinglineError, errors, placed } from "../errors/ringline-error.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import { type AnyMessage, lineageOf } from "../messages/any-message.js";
import type { FlowSeat } from "./flow-seat.js";
import type { LinkTarget } from "./kernel-output.js";
import type { KernelSurroundings } from "./kernel-surroundings.js";

/** Makes the dead letters of a kernel; in a flow, the input that a message comes from has one less alive then. */
export class KernelLetters {
  readonly #kernel: KernelDefinition;
  readonly #around: KernelSurroundings;
  readonly #seat: FlowSeat | undefined;

  constructor(kernel: KernelDefinition, around: KernelSurroundings, seat: FlowSeat | undefined) {
    this.#kernel = kernel;
    this.#around = around;
    this.#seat = seat;
  }

  bury(message: AnyMessage, error: AnyRinglineError, attempts: number): void {
    const { id } = this.#kernel;
    if (this.#seat === undefined) {
      this.#around.deadLetter(id, message, error, attempts);
      return;
    }
    const { name, node } = this.#seat.stage;
    const staged = placed(error, { stage: name });
    this.#around.deadLetter(id, message, staged, attempts, name);
    lineageOf(message)?.origin?.leave(node, staged);
  }

  /** Makes a dead letter of a request that was dropped to make room for newer messages. */
  dropped(kernel: LinkTarget, message: AnyMessage): void {
    this.#around.dropped(kernel, message);
    if (this.#seat === undefined) return;
    const { name: stage, node } = this.#seat.stage;
    const { id: kernelId, queueSize } = this.#kernel;
    const place = {
      kernelId,
      stage,
      messageId: message.messageId,
      remedy: "The message was dropped to make room for newer ones.",
    };
    lineageOf(message)?.origin?.leave(node, new errors.QUEUE_FULL({ queueSize }, place));
  }
}
