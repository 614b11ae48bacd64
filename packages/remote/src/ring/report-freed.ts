/** Bytes of released shared memory that are reported to the garbage collector at once. */
const OFTEN = 32 * 1024 * 1024;
/**
 * Bytes of private memory whose allocation makes V8 collect at once. Beyond 64 MiB V8 only begins a collection in steps,
 * which a thread at rest may never end; beyond half of the heap's limit it collects before it goes on.
 */
const WEIGHT = 1024 * 1024 * 1024;

let unreported = 0;

/**
 * Reports released shared memory to the garbage collector of this thread. V8 does not count shared memory, so small
 * objects that hold gigabytes of it would never trigger a collection. Private memory that is allocated, never touched
 * and dropped is counted, and uses no page.
 */
export function reportFreed(bytes: number): void {
  unreported += bytes;
  if (unreported < OFTEN) return;
  unreported = 0;
  // later: the caller still holds the memory that it releases
  const timer: { unref?(): void } = setTimeout(allocate) as never;
  timer.unref?.();
}

function allocate(): void {
  try {
    unreported += new ArrayBuffer(WEIGHT).byteLength - WEIGHT; // 0: an unused allocation is removed by bundlers
  } catch {
    // no address space for it: memory is short, so that V8 has collected already
  }
}
