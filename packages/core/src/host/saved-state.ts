import type { RinglineErrorOptions } from "../errors/ringline-error.js";
import { stateOf } from "../kernels/define-kernel.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import type { AnyMessage } from "../messages/any-message.js";
import { body, validate } from "../messages/body.js";
import { cloned } from "../messages/cloned.js";
import { defineMessage } from "../messages/define-message.js";
import type { Reports } from "../seam/routes.js";

/** Copies a state. Throws `SERIALIZATION`, with `place` in the error. */
export type CopyState = (state: unknown, place?: RinglineErrorOptions) => unknown;

/** The checkpoints of a body, as one incarnation sees them. */
export class SavedState {
  readonly #kernel: KernelDefinition;
  readonly #reports: Reports;
  readonly #copy: CopyState;
  #latest: unknown;
  #isPending = false;

  constructor(kernel: KernelDefinition, restored: unknown, reports: Reports, copy: CopyState = cloned) {
    this.#kernel = kernel;
    this.#latest = restored;
    this.#reports = reports;
    this.#copy = copy;
  }

  /** A copy of the current state, which the body may change. */
  get restored(): unknown {
    return this.#copy(this.#latest);
  }

  /**
   * Validates and copies a state, so that the body cannot change the stored one. Throws `INVALID_MESSAGE` and
   * `SERIALIZATION`.
   */
  copyOf(state: unknown): unknown {
    const { id, state: schema } = this.#kernel;
    const checked = schema === undefined ? state : validate(schema, state, stateOf(id));
    return this.#copy(checked, { kernelId: id, remedy: "Save plain data: no functions, symbols or sockets." });
  }

  /** A copy of a part of the state. */
  copyOfPart(value: unknown): unknown {
    return typeof value === "object" && value !== null ? this.#copy(value) : value;
  }

  /** Saves a state. Returns undefined if it is stored at once. */
  save(state: unknown, settles: readonly AnyMessage[]): Promise<void> | undefined {
    this.#latest = state;
    this.#isPending = settles.length > 0;
    return this.#reports.checkpoint(state, settles);
  }

  /** Confirms the latest checkpoint: its messages are done. */
  settled(): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    this.#reports.checkpointSettled?.();
  }
}

/**
 * Marker that a kernel with durable state sends after the outputs of each input, in a durable flow. The outputs are
 * forwarded only then, so that the state, the outputs and the input are stored together.
 */
export const StateMark = defineMessage(
  "ringline:state",
  body<{
    /** Ids of the messages that led to the state and to the outputs before the marker. */
    readonly of: readonly string[];
    /** False if the inputs did not change the state. */
    readonly isNew: boolean;
    readonly state: unknown;
  }>(),
);
