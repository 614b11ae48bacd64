import { nodePlatform } from "./platform.js";

/** Milliseconds that the thread sleeps at most between two looks at the device; shorter sleeps are not worth it. */
const [LONGEST, SHORTEST] = [0.2, 0.03];
/** Sleeps in the time that the device takes, so that little is added to it. */
const SLEEPS = 8;

interface NodeGlobals {
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly process?: { getActiveResourcesInfo?(): readonly string[] };
}
const { setImmediate, process } = globalThis as NodeGlobals;

let pending = 0;
let isLooking = false;
/** Milliseconds that the device took for an answer lately. */
let taken = LONGEST * SLEEPS;
const cell = nodePlatform !== undefined ? new Int32Array(new SharedArrayBuffer(4)) : undefined;

/**
 * The one way to wait for the device. In Node its library polls on this thread, as often as the event loop turns, and takes
 * the processor from a driver in software: sleeping between the turns is quicker and costs less. It is done only while
 * nothing else wants to run here, and for a small part of the time that the device takes. In browsers the promise is all
 * there is.
 */
export function waitFor<T>(promise: Promise<T>): Promise<T> {
  if (cell === undefined || setImmediate === undefined) return promise;
  pending++;
  const began = performance.now();
  const settled = () => {
    pending--;
    taken += (performance.now() - began - taken) / 8;
  };
  promise.then(settled, settled);
  if (!isLooking) {
    isLooking = true;
    setImmediate(look);
  }
  return promise;
}

function look(): void {
  if (pending === 0) {
    isLooking = false;
    return;
  }
  const slice = Math.min(LONGEST, taken / SLEEPS);
  if (slice >= SHORTEST && !isWanted()) Atomics.wait(cell as Int32Array, 0, 0, slice);
  (setImmediate as (callback: () => void) => unknown)(look);
}

/** Others wait for their turn on the event loop: one is the library's own. */
function isWanted(): boolean {
  let turns = 0;
  for (const kind of process?.getActiveResourcesInfo?.() ?? []) if (kind === "Immediate" && ++turns > 1) return true;
  return false;
}
