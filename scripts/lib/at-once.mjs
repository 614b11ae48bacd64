/**
 * Runs tasks, so many at a time; gives their results in the order of the tasks.
 * @template T
 * @param {number} many
 * @param {readonly (() => Promise<T>)[]} tasks
 * @returns {Promise<T[]>}
 */
export async function atOnce(many, tasks) {
  /** @type {T[]} */
  const results = [];
  const rest = tasks.entries();
  const next = async () => {
    for (const [i, task] of rest) results[i] = await task();
  };
  await Promise.all(Array.from({ length: many }, next));
  return results;
}
