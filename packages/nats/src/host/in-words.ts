import { isRinglineError } from "@ringline/core";

/** Why a host cannot start, and what to do about it, for whoever started it. */
export function inWords(error: unknown): string {
  if (!isRinglineError(error)) return error instanceof Error ? error.message : String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${error.message}${cause} ${error.remedy}`;
}
