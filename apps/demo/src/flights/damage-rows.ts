type Row = Record<string, unknown>;

/** The kinds of damage to a row. */
const DAMAGES: readonly ((row: Row) => unknown)[] = [
  (row) => ({ ...row, delay: null }),
  (row) => ({ ...row, distance: `${row["distance"]} miles` }),
  (row) => ({ ...row, time: 24 + Number(row["time"]) }),
  ({ time, delay }) => ({ time, delay }),
  (row) => JSON.stringify(row),
];

/** The rows, of which `count` among the first `total` are damaged: evenly spread, each in the next of several ways. */
export async function* damageRows(rows: AsyncIterable<unknown>, count: number, total: number): AsyncGenerator<unknown> {
  let seen = 0;
  let damaged = 0;
  for await (const row of rows) {
    seen++;
    const due = Math.min(count, Math.floor((seen * count) / total));
    yield damaged < due ? DAMAGES[damaged++ % DAMAGES.length]!(row as Row) : row;
  }
}
