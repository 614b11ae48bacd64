/** A long run that ends with a figure that must stay below a limit. */
export const CHECKS = ["heap", "overload"] as const;

/** Bytes that the collected heap may grow by. */
export const HEAP_LIMIT = 5_000_000;
