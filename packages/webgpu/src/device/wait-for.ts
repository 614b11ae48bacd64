import { nodePlatform } from "./platform.js";

/** Milliseconds that the thread sleeps between two looks at the device. */
const SLICE = 0.2;

type Immediate = (callback: () => void) => unknown;
const setImmediate = (globalThis as { setImmediate?: Immediate }).setImmediate;

let pending = 0;
let isLooking = false;
const cell = nodePlatform !== undefined ? new Int32Array(new SharedArrayBuffer(4)) : undefined;

/**
 * The one way to wait for the device. In Node its library polls on this thread, as often as the event loop turns, and takes
 * the processor from a driver in software; sleeping between the turns is quicker and costs less. In browsers the promise
 * is all there is.
 */
export function waitFor<T>(promise: Promise<T>): Promise<T> {
  if (cell === undefined || setImmediate === undefined) return promise;
  pending++;
  promise.then(settled, settled);
  if (!isLooking) {
    isLooking = true;
    setImmediate(look);
  }
  return promise;
}

function settled(): void {
  pending--;
}

function look(): void {
  if (pending === 0) {
    isLooking = false;
    return;
  }
  Atomics.wait(cell as Int32Array, 0, 0, SLICE);
  (setImmediate as Immediate)(look);
}
