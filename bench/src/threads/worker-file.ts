/** Workers are loaded as they were built: Node cannot run what they are written in everywhere. */
export function workerFile(name: string): URL {
  const here = import.meta.url;
  return new URL(here.includes("/bench/src/") ? `../../dist/${name}.js` : `./${name}.js`, here);
}
