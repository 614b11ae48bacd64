/** Aborts at the first Ctrl-C or SIGTERM. Later ones change nothing: the run is already on its way out. */
export function onInterruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => controller.abort());
  return controller.signal;
}
