/** Milliseconds that a single wait of a case may take, generous for a busy machine. */
export const PATIENCE = 5000;

/** The options of a wait that succeeds: what it waits for comes within the patience of a case. */
export const soon = { timeout: PATIENCE };
