/** Work that is ready; it sees to it itself that the event loop gets its turn. */
type Work = () => void;

let isRunning = false;
/** Work that became ready while other work runs. Slots are reused: an array that is emptied frees its memory. */
const waiting: (Work | undefined)[] = [];
let waits = 0;

/**
 * Runs the work: at once, or, when it became ready through other work that runs, right after that. So a message meets
 * its kernel without a microtask, one kernel's body is never called from within another's, and a long chain of kernels
 * needs no deep stack. What it throws is a defect of ours, and ends as an unhandled rejection: others go on.
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
