/** A writer is thrown away: none of its code acts on shared memory any more. */
export class Killed extends Error {}

let isRecording = false;
let isDead = false;
let point = 0;
let last = 0;

/** A point: its writer may be lost here. */
export function passed(): void {
  if (++point !== last) return;
  isDead = true;
  throw new Killed();
}

const raw = new WeakMap<object, object>();
const unwrapped = <T>(view: T): T => (raw.get(view as object) as T | undefined) ?? view;

/** A view of shared memory each of whose stores is a point at which its writer may be lost. */
function watched<T extends Int32Array | Float64Array>(view: T): T {
  const proxy = new Proxy(view, {
    get(target, key) {
      const value = Reflect.get(target, key, target) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
    set(target, key, value) {
      if (isDead) throw new Killed();
      Reflect.set(target, key, value, target);
      passed();
      return true;
    },
  });
  raw.set(proxy, view);
  return proxy;
}

const real = { Int32Array, Float64Array, Atomics };
const STORES = new Set(["add", "and", "compareExchange", "exchange", "or", "store", "sub", "xor"]);

/** While `make` runs, all views of shared memory that are made are watched. */
export function recorded<T>(make: () => T): T {
  isRecording = true;
  try {
    return make();
  } finally {
    isRecording = false;
  }
}

function constructorOf<T extends typeof Int32Array | typeof Float64Array>(type: T): T {
  return new Proxy(type, {
    construct(target, args: [ArrayBufferLike]) {
      const view = Reflect.construct(target, args) as Int32Array;
      return isRecording && args[0] instanceof SharedArrayBuffer ? watched(view) : view;
    },
  });
}

/** Has every store to watched memory be seen. Undone by what it returns. */
export function watchStores(): () => void {
  const atomics = new Proxy(real.Atomics, {
    get(target, key) {
      const operation = Reflect.get(target, key) as (...args: unknown[]) => unknown;
      return (view: object, ...rest: unknown[]) => {
        const isStore = raw.has(view) && STORES.has(String(key));
        if (isStore && isDead) throw new Killed();
        const result = operation(unwrapped(view), ...rest);
        if (isStore) passed();
        return result;
      };
    },
  });
  Object.assign(globalThis, {
    Int32Array: constructorOf(real.Int32Array),
    Float64Array: constructorOf(real.Float64Array),
    Atomics: atomics,
  });
  return () => Object.assign(globalThis, real);
}

/** Runs `work` and loses its writer right after its `at`th store. False when it had fewer. */
export function killedAfter(at: number, work: () => void): boolean {
  [point, last, isDead] = [0, at, false];
  try {
    work();
    return isDead;
  } catch (error) {
    if (isDead) return true;
    throw error;
  } finally {
    [last, isDead] = [0, isDead];
  }
}

/** Before the next writer is made. */
export function revive(): void {
  [point, last, isDead] = [0, 0, false];
}
