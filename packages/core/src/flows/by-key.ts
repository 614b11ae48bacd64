/** Always the same of `workers` for the same key: FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv) of its text. */
export function workerOf(key: string | number, workers: number): number {
  const text = String(key);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % workers;
}
