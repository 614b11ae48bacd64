import type { Window } from "@ringline/streams";

export interface Row {
  readonly at: number;
  readonly user: string;
  readonly n: number;
}

/** Windows of all rows at once, each as `key from to count sum`: what a stream of them must come to. */
export function batch(rows: readonly Row[], window: Window): string[] {
  const byKey = new Map<string, Row[]>();
  for (const row of rows) byKey.set(row.user, [...(byKey.get(row.user) ?? []), row]);
  const lines: string[] = [];
  const line = (key: string, from: number, to: number, within: readonly Row[]) =>
    lines.push([key, from, to, within.length, within.reduce((sum, { n }) => sum + n, 0)].join(" "));
  for (const [key, own] of byKey) {
    own.sort((a, b) => a.at - b.at);
    if (window.kind === "session") {
      let open: Row[] = [];
      for (const row of own) {
        const last = open.at(-1);
        if (last !== undefined && row.at >= last.at + window.gap) {
          line(key, (open[0] as Row).at, last.at + window.gap, open);
          open = [];
        }
        open.push(row);
      }
      if (open.length > 0) line(key, (open[0] as Row).at, (open.at(-1) as Row).at + window.gap, open);
      continue;
    }
    const { size, every, offset } = window;
    const begin = Math.floor(((own[0] as Row).at - size - offset) / every) * every + offset;
    for (let from = begin; from <= (own.at(-1) as Row).at; from += every) {
      const within = own.filter(({ at }) => at >= from && at < from + size);
      if (within.length > 0) line(key, from, from + size, within);
    }
  }
  return lines.sort();
}

/** Seeded random numbers in [0, 1): mulberry32, of Tommy Ettinger (public domain). */
export function randomFrom(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Rows in the order of time, moved by at most `disorder` milliseconds against each other. */
export function disordered(count: number, disorder: number, random: () => number): Row[] {
  let at = Math.floor(random() * 1000);
  const rows = Array.from({ length: count }, (_, n): Row => {
    at += Math.floor(random() ** 3 * 30);
    return { at, user: `u${Math.floor(random() * 4)}`, n };
  });
  const moved = rows.map((row) => ({ row, by: row.at + random() * disorder }));
  return moved.sort((a, b) => a.by - b.by).map(({ row }) => row);
}
