/** Columns as wide as their longest cell: the first and the ones named `left` to the left, the others, numbers, to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly string[] = [],
): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const isLeft = column === 0 || left.includes(head[column] ?? "");
        return isLeft ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
      })
      .join("  ")
      .trimEnd();
  return [head, ...rows].map((row) => `  ${line(row)}\n`).join("");
}
