/** By the word that a line says. A map, as every object has words of its own, such as `__proto__`. */
export const dispatch = (
  told: Readonly<Record<string, (...rest: never[]) => void>>,
): ReadonlyMap<unknown, (...rest: never[]) => void> => new Map(Object.entries(told));
