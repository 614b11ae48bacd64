/** Binds a function to the asynchronous context in which this is called. */
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
 * The function, which then always runs in the asynchronous context of this call (`AsyncLocalStorage`, `AsyncContext`), whoever
 * calls it: whoever wakes a kernel would lend it a context otherwise. As it is where the platform has no such contexts.
 * Looked for when the first kernel starts, not by an import: browsers and bundlers see none of it.
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
