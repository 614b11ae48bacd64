import type { DeadLetter } from "@ringline/core";

/** Dead letters with the same reason. */
export interface Rejection {
  readonly kernelId: string;
  readonly code: string;
  /** Description of the fault. */
  readonly message: string;
  count: number;
  /** The first of them. */
  readonly example: unknown;
}

/** Dead letters, counted by their reason. */
export class Rejections {
  readonly #byReason = new Map<string, Rejection>();
  count = 0;

  readonly add = ({ kernelId, reason, error, message }: DeadLetter): void => {
    this.count++;
    const key = `${kernelId} ${reason} ${error.message}`;
    const known = this.#byReason.get(key);
    if (known !== undefined) known.count++;
    else this.#byReason.set(key, { kernelId, code: reason, message: error.message, count: 1, example: message });
  };

  /** In the order in which they first came. */
  get list(): readonly Rejection[] {
    return [...this.#byReason.values()];
  }
}
