import { Result, type Task } from "./messages.js";

interface Here {
  readonly kernelId: string;
  readonly signal: AbortSignal;
}

/** Performs a task. Synchronous if possible: returns a promise only for tasks that take time. */
export function perform(task: Task, here: Here): Result[] | Promise<Result[]> {
  if (task.delay === undefined && task.hang === undefined) return results(task, here);
  return performLater(task, here);
}

async function performLater(task: Task, here: Here): Promise<Result[]> {
  if (task.delay !== undefined) await pause(task.delay, here.signal);
  if (task.hang === "until-asked") await pause(undefined, here.signal);
  if (task.hang === "for-ever") await new Promise<never>(() => {});
  return results(task, here);
}

function results({ n, fail, outputs = 1 }: Task, { kernelId }: Here): Result[] {
  if (fail !== undefined) throw new Error(fail);
  return Array.from({ length: outputs }, (_, index) => Result({ n, by: kernelId, index }));
}

/** Lasts `time` milliseconds, or until the kernel is asked to end. */
function pause(time: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = time === undefined ? undefined : setTimeout(end, time);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });
}
