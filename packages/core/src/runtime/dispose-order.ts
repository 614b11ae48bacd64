/** What matters of a kernel for the order in which kernels end. */
interface Feeding {
  readonly id: string;
  /** The kernels that it sends to. */
  readonly feeds: readonly string[];
}

/**
 * Groups that may end together, one after the other: whoever sends before those it sends to, so that each can finish
 * what it has in hand. Kernels that feed each other in a circle end together.
 */
export function disposeOrder<K extends Feeding>(kernels: readonly K[]): K[][] {
  const reached = new Map(kernels.map((kernel) => [kernel.id, reach(kernel, kernels)]));
  const groups: K[][] = [];
  let left = [...kernels];
  while (left.length > 0) {
    // free: everybody before it is in the same circle
    const group = left.filter(({ id }) =>
      left.every((other) => !reached.get(other.id)?.has(id) || reached.get(id)?.has(other.id)),
    );
    groups.push(group);
    left = left.filter((kernel) => !group.includes(kernel));
  }
  return groups;
}

/** The ids that messages of a kernel can come to. */
function reach<K extends Feeding>(from: K, kernels: readonly K[]): Set<string> {
  if (from.feeds.length === 0) return new Set();
  const byId = new Map(kernels.map((kernel) => [kernel.id, kernel]));
  const found = new Set<string>();
  const open = [...from.feeds];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(byId.get(id)?.feeds ?? []));
  }
  return found;
}
