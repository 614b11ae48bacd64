import { isRinglineError } from "../../src/errors/ringline-error.js";

/** State of a promise: "waits", "done", or the code it was rejected with. */
export interface Watched<T> {
  state: string;
  value?: T;
}

export function watch<T>(promise: Promise<T>): Watched<T> {
  const watched: Watched<T> = { state: "waits" };
  promise.then(
    (value) => Object.assign(watched, { state: "done", value }),
    (error) => Object.assign(watched, { state: isRinglineError(error) ? error.code : String(error) }),
  );
  return watched;
}

/** Resolves when every microtask that is due has run, and what it put off to the event loop's next turn. */
export async function quiet(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** The code of what a call throws or rejects with; fails the test when it does not. */
export async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (isRinglineError(error)) return error.code;
    throw error;
  }
  throw new Error("nothing was thrown");
}
