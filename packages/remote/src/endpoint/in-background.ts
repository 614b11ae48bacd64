/** A timer that does not keep the process alive, where timers can. */
export function inBackground<T>(timer: T): T {
  (timer as { unref?(): void }).unref?.();
  return timer;
}
