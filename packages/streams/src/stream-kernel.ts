import { defineKernel, type OneOrMore, type PortOptions, type Supervision } from "@ringline/core";
import type { FieldOf } from "./field.js";

/** Options of every kernel of this package, as for `defineKernel`. */
export interface StreamKernelOptions<Id extends string> extends PortOptions {
  /** Names the kernel in its runtime; a non-empty string. */
  readonly id: Id;
  /** `import.meta.url`, so that a thread or host can load the kernel. */
  readonly module?: string | undefined;
  /**
   * Restart policy.
   *
   * @default no restart
   */
  readonly supervise?: Supervision | undefined;
}

/** Options of a kernel that passes on some of its messages. */
export interface PassingKernelOptions<Id extends string, I extends OneOrMore> extends StreamKernelOptions<Id> {
  /** Messages to pass on: one type, or a list. */
  readonly input: I;
  /**
   * The messages of each key are chosen by themselves.
   *
   * @default one key for all messages
   */
  readonly key?: FieldOf<I, string | number> | undefined;
}

/** Defines a kernel of these options and this body. The caller knows its types. */
export function streamKernel(options: StreamKernelOptions<string>, body: object): unknown {
  const { id, module, supervise, queueSize, backpressure } = options;
  return defineKernel({ id, module, supervise, queueSize, backpressure, ...body } as never);
}

/** Returns the state of an incarnation: each has a context of its own, and a state that `begin` makes of that. */
export function perIncarnation<Context extends object, State>(begin: (ctx: Context) => State): (ctx: Context) => State {
  const states = new WeakMap<Context, State>();
  return (ctx) => {
    let state = states.get(ctx);
    if (state === undefined) {
      state = begin(ctx);
      states.set(ctx, state);
    }
    return state;
  };
}
