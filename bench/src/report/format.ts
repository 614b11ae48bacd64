/** Three significant digits with a unit, small whole numbers as they are: 3.31 M, 812 K, 0.284, 15. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${(value / 1e6).toPrecision(3)} M`;
  if (size >= 1e3) return `${(value / 1e3).toPrecision(3)} K`;
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}

/** Bytes in millions, with a sign. */
export function formatGrowth(bytes: number): string {
  return `${bytes < 0 ? "−" : "+"}${(Math.abs(bytes) / 1e6).toFixed(2)} MB`;
}

/** Columns as wide as their widest cell: the first to the left, the others to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("   ");
  return rows.map((row) => `  ${line(row).trimEnd()}`).join("\n");
}
