/** Bytes of shared memory that are let go of before the collector hears of them. */
const OFTEN = 32 * 1024 * 1024;
/** Bytes of private memory that make V8 look for what can be collected: it allows for 64 MiB beyond the objects. */
const WEIGHT = 64 * 1024 * 1024;

let unreported = 0;

/**
 * Tells the collector of this thread that so many bytes of shared memory are not needed here any more. V8 does not count
 * shared memory: a few small objects that hold gigabytes would never be reason enough to collect them. Memory of this
 * thread that is made, never touched and dropped is counted, and costs no page.
 */
export function reportFreed(bytes: number): void {
  unreported += bytes;
  if (unreported < OFTEN) return;
  unreported = new ArrayBuffer(WEIGHT).byteLength - WEIGHT; // 0: bundlers leave out what is made and not used
}
