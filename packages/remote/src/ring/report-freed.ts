/** Bytes of released shared memory that are reported to the garbage collector at once. */
const OFTEN = 32 * 1024 * 1024;
/** Bytes of private memory whose allocation makes V8 collect: it allows 64 MiB beyond the objects. */
const WEIGHT = 64 * 1024 * 1024;

let unreported = 0;

/**
 * Reports released shared memory to the garbage collector of this thread. V8 does not count shared memory, so small
 * objects that hold gigabytes of it would never trigger a collection. Private memory that is allocated, never touched
 * and dropped is counted, and uses no page.
 */
export function reportFreed(bytes: number): void {
  unreported += bytes;
  if (unreported < OFTEN) return;
  unreported = new ArrayBuffer(WEIGHT).byteLength - WEIGHT; // 0: an unused allocation is removed by bundlers
}
