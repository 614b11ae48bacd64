import type { Task } from "../kernels/messages.js";
import { tasks } from "./handle.js";

/** Counts of the calls of a source's protocol. */
export interface SourceCalls {
  iterators: number;
  nexts: number;
  returns: number;
  /** Maximum number of concurrent calls of `next`. */
  most: number;
  /** Calls of `next` after its end, its error, or `return`. */
  late: number;
}

export interface WatchedSource extends AsyncIterable<Task> {
  readonly calls: SourceCalls;
}

/** A source of `count` tasks that counts how it is called. `fails`: it throws this after the last one. */
export function watchedSource(
  count: number,
  {
    fails,
    slow = false,
    returns = async () => {},
  }: {
    readonly fails?: unknown;
    /** Each `next` takes a turn of the event loop. */
    readonly slow?: boolean;
    readonly returns?: () => Promise<unknown>;
  } = {},
): WatchedSource {
  const calls: SourceCalls = { iterators: 0, nexts: 0, returns: 0, most: 0, late: 0 };
  let running = 0;
  let isOver = false;
  return {
    calls,
    [Symbol.asyncIterator]() {
      calls.iterators++;
      const all = tasks(count);
      return {
        async next() {
          calls.nexts++;
          if (isOver) calls.late++;
          calls.most = Math.max(calls.most, ++running);
          try {
            if (slow) await new Promise((resolve) => setTimeout(resolve));
            const value = all.shift();
            if (value !== undefined) return { done: false, value };
            isOver = true;
            if (fails !== undefined) throw fails;
            return { done: true, value: undefined };
          } finally {
            running--;
          }
        },
        async return() {
          calls.returns++;
          isOver = true;
          await returns();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
