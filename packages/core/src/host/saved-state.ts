import type { RinglineErrorOptions } from "../errors/ringline-error.js";
import { stateOf } from "../kernels/define-kernel.js";
import type { KernelDefinition } from "../kernels/kernel.js";
import type { AnyMessage } from "../messages/any-message.js";
import { validate } from "../messages/body.js";
import { cloned } from "../messages/cloned.js";
import type { Reports } from "../seam/routes.js";

/** A copy of a state. Throws `SERIALIZATION`, of this place. */
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

  /** The current state; a copy, which the body may change. */
  get restored(): unknown {
    return this.#copy(this.#latest);
  }

  /** A state as it is kept: checked, and out of the body's reach. Throws `INVALID_MESSAGE` and `SERIALIZATION`. */
  copyOf(state: unknown): unknown {
    const { id, state: schema } = this.#kernel;
    const checked = schema === undefined ? state : validate(schema, state, stateOf(id));
    return this.#copy(checked, { kernelId: id, remedy: "Save plain data: no functions, symbols or sockets." });
  }

  /** Undefined when it is kept at once. */
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
