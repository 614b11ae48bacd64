import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
/** Found from the main entry, as the package exports nothing but that. */
const FOLDER = join(dirname(require.resolve("vega-datasets")), "../data");

export interface Series {
  readonly name: string;
  /** Time of each value: a day, or an hour. */
  readonly times: readonly string[];
  readonly values: readonly number[];
}

/** Percent by which the S&P 500 moved each day, and what changed in Seattle's weather from hour to hour. */
export function allSeries(): readonly Series[] {
  const stocks = columns("sp500-2000.csv");
  const weather = columns("seattle-weather-hourly-normals.csv");
  return [
    changes("S&P 500, % a day", stocks, "close", (now, before) => (now / before - 1) * 100),
    changes("Seattle, hPa an hour", weather, "pressure", (now, before) => now - before),
    changes("Seattle, °C an hour", weather, "temperature", (now, before) => now - before),
    changes("Seattle, wind an hour", weather, "wind", (now, before) => now - before),
  ];
}

function columns(file: string): ReadonlyMap<string, readonly string[]> {
  const [head = "", ...lines] = readFileSync(join(FOLDER, file), "utf8").trim().split(/\r?\n/);
  const rows = lines.map((line) => line.split(","));
  return new Map(head.split(",").map((name, i) => [name, rows.map((row) => row[i] ?? "")]));
}

function changes(
  name: string,
  table: ReadonlyMap<string, readonly string[]>,
  column: string,
  change: (now: number, before: number) => number,
): Series {
  const all = (table.get(column) ?? []).map(Number);
  return {
    name,
    times: (table.get("date") ?? []).slice(1),
    values: all.slice(1).map((now, i) => change(now, all[i] as number)),
  };
}
