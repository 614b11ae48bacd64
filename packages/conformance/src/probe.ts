/** Lists the resources that a trial could leak. Injected, as the suite is independent of the platform. */
export interface Probe {
  /** Names of everything that keeps the process alive now: timers, threads, ports. */
  resources(): readonly string[];
}

/**
 * The probe of this process; undefined outside Node, and on a runtime whose call returns nothing (Bun). Streams are
 * left out: runners print while cases run.
 */
export function processProbe(): Probe | undefined {
  const { process } = globalThis as { process?: { getActiveResourcesInfo?: () => string[] } };
  if (typeof process?.getActiveResourcesInfo !== "function") return undefined;
  const resources = () => process.getActiveResourcesInfo?.().filter((name) => !STREAMS.has(name)) ?? [];
  const trial = setTimeout(() => {}, 60_000);
  const tells = resources().length > 0;
  clearTimeout(trial);
  return tells ? { resources } : undefined;
}

const STREAMS = new Set(["TTYWrap", "PipeWrap", "WriteWrap", "FSReqCallback", "FSReqPromise"]);

/** Names in `after` that were not in `before`. */
export function leftBehind(before: readonly string[], after: readonly string[]): string[] {
  const known = [...before];
  return after.filter((name) => {
    const at = known.indexOf(name);
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  });
}
