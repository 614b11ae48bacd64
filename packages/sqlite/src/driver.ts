/** Common interface of the SQLite of Node, of Bun and of better-sqlite3. */
export interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): void;
}

export interface Statement {
  run(...values: readonly Value[]): unknown;
  all(...values: readonly Value[]): unknown[];
  get(...values: readonly Value[]): unknown;
}

export type Value = string | number | null | Uint8Array;

type Opened = new (path: string) => Database;

/** Loads the available SQLite driver. Rejects if there is none. */
export async function loadDriver(): Promise<Opened> {
  if (process.versions["bun"] !== undefined) return (await load<{ Database: Opened }>("bun:sqlite")).Database;
  const ofNode = await load<{ DatabaseSync: Opened }>("node:sqlite").catch(() => undefined);
  return ofNode?.DatabaseSync ?? (await load<{ default: Opened }>("better-sqlite3")).default;
}

/** Imports by a variable, which bundlers leave alone, as each driver exists in some environments only. */
const load = <T>(name: string): Promise<T> => import(/* @vite-ignore */ name);
