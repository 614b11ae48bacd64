import { damageRows } from "./damage-rows.js";
import { ALL_ROWS, readRows } from "./read-rows.js";

/** The first `limit` rows of the file, `corrupt` of them damaged. */
export async function* flightRows(limit: number, corrupt: number): AsyncGenerator<unknown> {
  const total = Math.min(limit, ALL_ROWS);
  let left = total;
  for await (const row of corrupt > 0 ? damageRows(readRows(), corrupt, total) : readRows()) {
    yield row;
    if (--left === 0) return;
  }
}
