/**
 * Milliseconds since it was made. `isAlone`: one thread works and never waits for anything else, so the smaller one of wall
 * time and CPU time of the process is what it took: what other programs took from it is in the wall time only, what the
 * engine does on threads of its own in the CPU time only.
 */
export function stopwatch(isAlone: boolean): () => number {
  const cpu = isAlone ? globalThis.process?.cpuUsage : undefined;
  const before = cpu?.();
  const started = performance.now();
  return () => {
    const wall = performance.now() - started;
    if (cpu === undefined || before === undefined) return wall;
    const { user, system } = cpu(before);
    return Math.min(wall, (user + system) / 1000);
  };
}
