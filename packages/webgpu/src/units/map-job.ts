import type { AnyMessage, SlotsPlan } from "@ringline/core/internal";
import type { BatchAttempts } from "./batch-attempts.js";
import type { MapStages } from "./map-stages.js";
import type { MapResult } from "./map-transfers.js";
import { type SlotOrder, slotOrder } from "./slot-order.js";

/** Maximum number of parts of one split. */
const MOST_PARTS = 64;

type Made = { readonly body: object | undefined } | { readonly failure: unknown };

/** A batch, from its start until its outputs are read and, if there is state, until the state is saved. */
export class MapJob {
  readonly messages: readonly AnyMessage[];
  readonly order: SlotOrder | undefined;
  readonly attempts: BatchAttempts;
  readonly resolve: (result: MapResult) => void;
  readonly reject: (error: unknown) => void;
  readonly #state: SlotsPlan | undefined;
  /** Stages on which the batch was last started. */
  on: MapStages | undefined;
  /** True while the batch is in flight there. */
  isUnderWay = false;
  times = 0;
  /** True once its outputs are read: a repetition then only advances the state. */
  isDone = false;

  /** `state`: plan of the state of the first stage. */
  constructor(
    messages: readonly AnyMessage[],
    state: SlotsPlan | undefined,
    tries: BatchAttempts,
    resolve: (result: MapResult) => void,
    reject: (error: unknown) => void,
  ) {
    this.messages = messages;
    this.order = state === undefined ? undefined : slotOrder(state, messages);
    this.#state = state;
    this.attempts = tries;
    this.resolve = resolve;
    this.reject = reject;
  }

  /** Splits the batch into jobs, so that a failure in one does not affect the others. */
  split(): MapJob[] {
    const { messages } = this;
    const size = Math.ceil(messages.length / MOST_PARTS);
    const made: Made[] = [];
    const parts: MapJob[] = [];
    let [left, slots]: [number, ArrayBuffer | undefined] = [0, undefined];
    const over = () => {
      if (--left === 0) this.resolve(resultOf(made, slots));
    };
    for (let from = 0; from < messages.length; from += size) {
      const part = messages.slice(from, from + size);
      const isLast = from + size >= messages.length;
      const done = (result: MapResult) => {
        for (let i = 0; i < part.length; i++) made[from + i] = madeOf(result, i);
        if (isLast) slots = result.slots;
        result.release();
        over();
      };
      const failed = (failure: unknown) => {
        for (let i = 0; i < part.length; i++) made[from + i] = { failure };
        over();
      };
      parts.push(new MapJob(part, this.#state, this.attempts.copy(), done, failed));
    }
    left = parts.length;
    return parts;
  }
}

/** Copies a result, as the next batch reuses its memory. */
function madeOf(result: MapResult, index: number): Made {
  try {
    const body = result.body(index);
    return { body: Array.isArray(body) ? body : body && { ...body } };
  } catch (failure) {
    return { failure };
  }
}

function resultOf(made: readonly Made[], slots: ArrayBuffer | undefined): MapResult {
  const body = (index: number) => {
    const one = made[index] as Made;
    if ("failure" in one) throw one.failure;
    return one.body;
  };
  return { body, slots, release() {} };
}
