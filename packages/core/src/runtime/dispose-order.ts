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
  const groups: K[][] = [];
  let left = [...kernels];
  while (left.length > 0) {
    const fed = new Set(left.flatMap(({ id, feeds }) => feeds.filter((target) => target !== id)));
    const free = left.filter(({ id }) => !fed.has(id));
    const group = free.length > 0 ? free : left;
    groups.push(group);
    left = left.filter((kernel) => !group.includes(kernel));
  }
  return groups;
}
