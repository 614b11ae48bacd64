import { expect, test } from "vitest";
import { damageRows } from "../src/flights/damage-rows.js";
import { flightRows } from "../src/flights/flight-rows.js";

async function collect(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  const collected: unknown[] = [];
  for await (const row of rows) collected.push(row);
  return collected;
}

async function* numbered(length: number) {
  for (let n = 0; n < length; n++) yield { delay: n, distance: 100, time: 1 };
}

const isWhole = (row: unknown) => (row as { delay: unknown } | null)?.delay !== null && typeof row === "object";

test("the first rows of the file, as they are", async () => {
  expect(await collect(flightRows(2, 0))).toEqual([
    { delay: 0, distance: 1452, time: 0 },
    { delay: 171, distance: 2227, time: 0 },
  ]);
});

test.each([
  [0, 10],
  [1, 10],
  [3, 10],
  [10, 10],
  [7, 1000],
])("%i of %i rows are damaged, and every other stays as it is", async (count, total) => {
  const before = await collect(numbered(total));
  const after = await collect(damageRows(numbered(total), count, total));
  const same = after.filter((row, i) => JSON.stringify(row) === JSON.stringify(before[i]));
  expect(after).toHaveLength(total);
  expect(same).toHaveLength(total - count);
});

test("damage is spread over the rows", async () => {
  const rows = await collect(damageRows(numbered(100), 2, 100));
  const damaged = rows.flatMap((row, i) =>
    isWhole(row) && (row as { distance: unknown }).distance === 100 ? [] : [i],
  );
  expect(damaged).toEqual([49, 99]);
});
