import { nodePlatform } from "./platform.js";

/** Longest and shortest sleep between two polls of the device, in milliseconds. */
const [LONGEST, SHORTEST] = [0.2, 0.03];
/** Number of sleeps during one operation of the device, so that they add little latency. */
const SLEEPS = 8;

interface NodeGlobals {
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly process?: { getActiveResourcesInfo?(): readonly string[] };
}
const { setImmediate, process } = globalThis as NodeGlobals;

let pending = 0;
let isLooking = false;
/** Recent average time of an answer of the device, in milliseconds. */
let taken = LONGEST * SLEEPS;
const cell = nodePlatform !== undefined ? new Int32Array(new SharedArrayBuffer(4)) : undefined;

/**
 * Waits for the device. In Node its library polls on this thread at each turn of the event loop, and takes the
 * processor from a software driver: sleeping between turns is faster and cheaper. The thread sleeps only while no other
 * work is pending, and for a small part of the device time. In browsers the promise is returned unchanged.
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

/** True if other work is pending on the event loop; one immediate is the library's own. */
function isWanted(): boolean {
  let turns = 0;
  for (const kind of process?.getActiveResourcesInfo?.() ?? []) if (kind === "Immediate" && ++turns > 1) return true;
  return false;
}
