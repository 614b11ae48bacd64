/** Ready work, which yields to the event loop itself. */
type Work = () => void;

let isRunning = false;
/** Work that became ready while other work runs. Slots are reused: an array that is emptied frees its memory. */
const waiting: (Work | undefined)[] = [];
let waits = 0;

/**
 * Runs the work at once or, if called from other work, right after that. So a message reaches its kernel without a
 * microtask, a kernel's body is never called from within another's, and a long chain of kernels needs no deep stack. An
 * exception of the work is a defect of Ringline, and becomes an unhandled rejection: other work continues.
 */
export function dispatch(work: Work): void {
  if (isRunning) {
    waiting[waits++] = work;
    return;
  }
  isRunning = true;
  run(work);
  if (waits > 0) runWaiting();
  isRunning = false;
}

function runWaiting(): void {
  for (let next = 0; next < waits; next++) {
    const work = waiting[next] as Work;
    waiting[next] = undefined;
    run(work);
  }
  waits = 0;
}

function run(work: Work): void {
  try {
    work();
  } catch (defect) {
    void Promise.reject(defect);
  }
}
