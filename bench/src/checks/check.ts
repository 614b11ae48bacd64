/** Long runs that end with figures of their own. */
export const CHECKS = ["counts", "idle", "heap", "overload", "gpu", "soak"] as const;

/** Bytes that the collected heap may grow by. */
export const HEAP_LIMIT = 5_000_000;
