import type { AnyMessage, SlotsPlan } from "@ringline/core/internal";
import type { BatchAttempts } from "./batch-attempts.js";
import type { MapStages } from "./map-stages.js";
import type { MapResult } from "./map-transfers.js";
import { type SlotOrder, slotOrder } from "./slot-order.js";

/** Most parts that a batch is split into at a time. */
const MOST_PARTS = 64;

type Made = { readonly body: object | undefined } | { readonly failure: unknown };

/** A batch, from when it is begun until its outputs are read and, where there is state, until the state is saved. */
export class MapJob {
  readonly messages: readonly AnyMessage[];
  readonly order: SlotOrder | undefined;
  readonly attempts: BatchAttempts;
  readonly resolve: (result: MapResult) => void;
  readonly reject: (error: unknown) => void;
  readonly #state: SlotsPlan | undefined;
  /** Stages on which it was last begun. */
  on: MapStages | undefined;
  /** True while it is under way there. */
  isUnderWay = false;
  times = 0;
  /** True if its outputs have come: repeated, it only advances the state. */
  isDone = false;

  /** `state`: of the first stage. */
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

  /** Jobs that together do what this one does: what fails in one of them does not fail the others. */
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

/** A copy: the memory that it came in goes to the next batch. */
function madeOf(result: MapResult, index: number): Made {
  try {
    const body = result.body(index);
    return { body: body && { ...body } };
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
