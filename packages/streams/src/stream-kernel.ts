import { defineKernel, type PortOptions, type Supervision } from "@ringline/core";

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
