import type { AnyRinglineError, DeadLetter, DeadLetterFilter, DeadLetters } from "@ringline/core";
import { equal, until } from "../assert.js";

/** Waits for this number of dead letters, and fails if there are more. A remote place reports them a little later. */
export async function letters(
  { deadLetters }: { readonly deadLetters: DeadLetters },
  count: number,
  which?: DeadLetterFilter,
): Promise<readonly DeadLetter[]> {
  await until(`${count} dead letters`, () => deadLetters.peek(which).length >= count);
  const found = deadLetters.peek(which);
  equal(found.length, count, "number of dead letters");
  return found;
}

/** Waits for this number of error events, and fails if there are more. */
export async function errorEvents(
  { errors }: { readonly errors: readonly AnyRinglineError[] },
  count: number,
): Promise<readonly AnyRinglineError[]> {
  await until(`${count} error events`, () => errors.length >= count);
  equal(errors.length, count, "number of error events");
  return errors;
}
