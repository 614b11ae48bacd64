import { BACKENDS, type BackendName } from "../backends.js";
import { CHECKS } from "../checks/check.js";
import { type Parameters, quick, standard } from "../parameters.js";
import { cells, nameOf } from "../patterns/cells.js";
import { PATTERNS } from "../patterns/patterns.js";
import { isWithin } from "../run/run-patterns.js";
import { observed, streams, watched } from "../streams.js";
import { subjects } from "../subjects.js";
import { threadSubjects } from "../threads/subjects.js";
import { windows } from "../windows.js";
import { THREAD_WORKLOADS, WORKLOADS } from "../workloads/workload.js";
import { chosen, count, duration, listOf, parse, unknown } from "./values.js";

export const PARTS = [...WORKLOADS, ...THREAD_WORKLOADS, ...CHECKS] as const;
export type Part = (typeof PARTS)[number];

/** Parts that run by default: all but a soak; for a first look none that takes minutes by itself. */
const USUAL = PARTS.filter((part) => part !== "soak");
const FIRST_LOOK: readonly Part[] = [
  ...WORKLOADS.filter((part) => part !== "types" && part !== "windows" && part !== "development" && part !== "context"),
  "threads-echo",
  "threads-round-trip",
  "idle",
];
/** Peers whose measurements take longest, and that say nothing new where there is time for a look only. */
const SLOW_PEERS: readonly string[] = ["nact", "fastq-promise", "piscina-256", "tinypool", "workerpool", "poolifier"];

export interface RunOptions {
  readonly parts: readonly Part[];
  /** Names of cells of the patterns, or what they begin with; none: those of the run's size. */
  readonly cells: readonly string[];
  /** Names of subjects. */
  readonly subjects: readonly string[];
  readonly backends: readonly BackendName[];
  readonly parameters: Parameters;
  readonly json: boolean;
  /** Files for the JSON and for the page, beside the usual place. */
  readonly out: string | undefined;
  readonly html: string | undefined;
}

export type Command = { readonly kind: "help" } | { readonly kind: "list" } | ({ readonly kind: "run" } & RunOptions);

const all = [
  ...new Set([...subjects, ...streams, ...observed, ...watched, ...windows, ...threadSubjects].map(({ name }) => name)),
];

const flags = {
  help: { type: "boolean", short: "h" },
  list: { type: "boolean" },
  json: { type: "boolean" },
  quick: { type: "boolean" },
  heap: { type: "boolean" },
  overload: { type: "boolean" },
  soak: { type: "string" },
  only: { type: "string" },
  subject: { type: "string" },
  backend: { type: "string" },
  pairs: { type: "string" },
  passes: { type: "string" },
  out: { type: "string" },
  html: { type: "string" },
} as const;

export function parseOptions(args: readonly string[]): Command {
  const { values } = parse(args, flags);
  if (values.help) return { kind: "help" };
  if (values.list) return { kind: "list" };
  const only = chosenOnly(values.only);
  const also = CHECKS.filter((check) => values[check as keyof typeof values] !== undefined);
  const backends = chosen(values.backend, "--backend", BACKENDS) ?? BACKENDS;
  const usualSubjects = values.quick ? all.filter((name) => !SLOW_PEERS.includes(name)) : all;
  const parts =
    only === undefined && also.length === 0
      ? values.quick
        ? FIRST_LOOK
        : USUAL
      : PARTS.filter((part) => [...(only?.parts ?? []), ...also].includes(part));
  return {
    kind: "run",
    parts: parts.filter((part) => backends.includes("worker-threads") || !part.startsWith("threads-")),
    cells: only?.cells ?? [],
    subjects: (chosen(values.subject, "--subject", all) ?? usualSubjects).filter((name) => isOn(backends, name)),
    backends,
    parameters: parametersOf(values),
    json: values.json ?? false,
    out: values.out,
    html: values.html,
  };
}

interface Sizes {
  readonly quick?: boolean | undefined;
  readonly pairs?: string | undefined;
  readonly passes?: string | undefined;
  readonly soak?: string | undefined;
}

function parametersOf({ quick: isQuick, pairs, passes, soak }: Sizes): Parameters {
  const sizes = {
    ...(isQuick ? quick : standard),
    ...(pairs !== undefined && { pairs: count(pairs, "--pairs") }),
    ...(passes !== undefined && { passes: count(passes, "--passes") }),
    ...(soak !== undefined && { soakSeconds: duration(soak, "--soak") }),
  };
  return { ...sizes, passes: Math.min(sizes.passes, sizes.pairs) };
}

/** Ours run on one; peers are measured wherever they are compared with something. */
function isOn(backends: readonly BackendName[], name: string): boolean {
  if (name.startsWith("ringline-")) return backends.includes("in-process");
  return !name.startsWith("thread-") || backends.includes("worker-threads");
}

/** Parts, patterns, and what cells begin with. */
function chosenOnly(only: string | undefined) {
  if (only === undefined) return undefined;
  const parts: Part[] = [];
  const wanted: string[] = [];
  for (const name of listOf(only)) {
    const part = PARTS.find((one) => one === name);
    if (part !== undefined) parts.push(part);
    else if (cells.some((cell) => isWithin(nameOf(cell), name))) wanted.push(name);
    else throw unknown("--only", name, [...PARTS, ...Object.keys(PATTERNS)]);
  }
  if (wanted.length > 0) parts.push("patterns");
  return { parts, cells: wanted };
}
