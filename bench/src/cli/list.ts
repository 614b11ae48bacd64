import { backendsOf, cells } from "../patterns/cells.js";
import { PATTERNS, type PatternName } from "../patterns/patterns.js";
import { observed, streams, watched } from "../streams.js";
import type { Closable } from "../subject.js";
import { type SubjectEntry, subjects } from "../subjects.js";
import { carriers, crowds, halves, handOvers, threadLines } from "../threads/subjects.js";
import { windows } from "../windows.js";

/** Lists the workloads and subjects that can be measured. */
export async function list(): Promise<string> {
  const flows = [
    ...streams,
    ...[...observed, ...watched.slice(1)].filter(({ name }) => !streams.some((one) => one.name === name)),
  ];
  const sections: readonly (readonly [string, string])[] = [
    ["echo, round-trip, chain, latency, development, context, heap", await listed(subjects)],
    ["types", "  ringline-handle and ringline-run, with 1, 8 and 24 message types\n"],
    ["counts", "  the echo's own, in process and on threads\n"],
    ["flow, telemetry, devtools", await listed(flows)],
    ["windows", await listed(windows)],
    ["patterns", patterns()],
    ["startup, idle, soak", "  on each backend\n"],
    ["overload", "  two linked kernels in process\n"],
    [
      "threads-echo, threads-cpu, threads-round-trip, threads-round-trip-busy, threads-latency",
      await listed(threadLines),
    ],
    ["threads-arrays", await listed(carriers)],
    ["threads-hand-over", await listed(handOvers)],
    ["threads-fan-in", await listed(crowds)],
    ["threads-cores", await listed(halves)],
  ];
  return sections.map(([title, rows]) => `${title}\n${rows}`).join("");
}

async function listed<L extends Closable>(entries: readonly SubjectEntry<L>[]): Promise<string> {
  const lines = entries.map(async ({ name, load }) => {
    const title = await load().then(
      (subject) => subject.title,
      () => "does not load",
    );
    return `  ${name.padEnd(21)}${title}\n`;
  });
  return (await Promise.all(lines)).join("");
}

function patterns(): string {
  return (Object.keys(PATTERNS) as PatternName[])
    .map((name) => {
      const own = cells.filter(({ pattern }) => pattern === name);
      const backends = [...new Set(own.flatMap(backendsOf))].join(", ");
      const [payloads, works] = [own.map(({ payload }) => payload), own.map(({ work }) => work)];
      const ways = `${[...new Set(payloads)].join("|")}/${[...new Set(works)].join("|")}`;
      return `  ${name.padEnd(21)}${PATTERNS[name].title}; ${name}/${ways} on ${backends}\n`;
    })
    .join("");
}
