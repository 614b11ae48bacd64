/** Binds a function to the asynchronous context of the call. */
type Bind = <T extends (...args: never[]) => unknown>(call: T) => T;

interface Global {
  /** https://github.com/tc39/proposal-async-context */
  readonly AsyncContext?: { readonly Snapshot: { readonly wrap: Bind } };
  readonly process?: {
    getBuiltinModule?(name: string): { readonly AsyncLocalStorage?: { readonly bind?: Bind } } | undefined;
  };
}

let bind: Bind | undefined;

/**
 * Binds a function to the asynchronous context of this call (`AsyncLocalStorage`, `AsyncContext`); otherwise a kernel
 * would run in the context of the caller that wakes it. Returns the function itself if the platform has no such
 * contexts. The platform is probed when the first kernel starts, not by an import: browsers and bundlers see none of
 * it.
 */
export function inThisContext<T extends (...args: never[]) => unknown>(call: T): T {
  bind ??= findBind();
  return bind(call);
}

function findBind(): Bind {
  const { AsyncContext, process } = globalThis as unknown as Global;
  if (typeof AsyncContext?.Snapshot?.wrap === "function") return (call) => AsyncContext.Snapshot.wrap(call);
  const storage = process?.getBuiltinModule?.("async_hooks")?.AsyncLocalStorage;
  if (typeof storage?.bind === "function") return (call) => (storage.bind as Bind)(call);
  return (call) => call;
}
