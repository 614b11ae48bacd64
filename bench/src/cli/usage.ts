import { BACKENDS } from "../backends.js";
import { PATTERNS } from "../patterns/patterns.js";
import { PARTS } from "./parse-options.js";

export const USAGE = `Usage: npm run bench -- [--quick] [--only LIST] [--backend LIST] [--subject LIST] [--pairs N] [--passes N] [--heap] [--overload] [--soak TIME] [--json] [--out FILE] [--html FILE] [--list] [--help]
       npm run bench -- compare A.json B.json [--threshold N] [--json]
       npm run bench -- render FILE.json [--html FILE]
       npm run bench -- recommend MODULE [--seconds N] [--json]
       npm run bench -- browser [--port N]
       npm run bench -- gpu`;

/** Words in lines of at most so many characters. */
function wrapped(words: readonly string[], indent: string, width = 118): string {
  const lines = [""];
  for (const word of words) {
    if (`${indent}${lines.at(-1)} ${word},`.length > width) lines.push("");
    lines[lines.length - 1] += `${lines.at(-1) === "" ? "" : " "}${word},`;
  }
  return lines.join(`\n${indent}`).replace(/,$/, "");
}

const indent = " ".repeat(19);

export const HELP = `${USAGE}

Compares Ringline's backends, on every pattern, payload and kind of work, and each of them with what its users would
pick instead: interleaved pairs, medians with 95 % intervals, CPU time, heap and garbage beside them. Prints tables and
writes a page with charts, and the figures as JSON.

  --quick          fewer and shorter measurements, for a first look: about a minute
  --only LIST      what to measure, comma-separated: ${wrapped(PARTS, indent)};
                   or patterns by name, such as simple, simple/1KB, simple/1KB/none: ${wrapped(Object.keys(PATTERNS), indent)}
                   (default: all but soak; with --quick also without types, windows,
                   development, context, counts, heap, overload, gpu and most of threads)
  --backend LIST   ${BACKENDS.join(", ")} (default: all)
  --subject LIST   whom to measure, comma-separated; the reference is always the other half of a pair (default: all;
                   with --quick without the slowest peers)
  --pairs N        pairs for each subject (default: 15)
  --passes N       processes that measure, one after the other, and share the pairs (default: 3, with --quick 1)
  --heap           the check of the heap over ten million messages (adds to --only)
  --overload       the check of the heap and of the ledger in a sustained overload, two minutes (adds to --only)
  --soak TIME      each backend and way (flow, links, requests) without a pause for so long, 90s, 10m or 1h;
                   fails where heap, array buffers or the whole process grow (adds to --only)
  --json           prints one JSON object instead of tables; bench/README.md says what is in it
  --out FILE       writes the JSON object to a file as well
  --html FILE      writes the page to a file as well
  --list           lists what can be measured
  --help           prints this

  compare          what changed from one JSON file to another, beyond noise; exits 1 where something got slower by more
                   than --threshold (default: 0.15, a share), or a message takes more of what is counted
  render           draws the page of a JSON file that is there; files of older versions are read, or refused by name
  recommend        runs the pipeline of a module on every backend, with a sample of its data, and says which to take
  browser          serves a page that measures in your browser, on the event loop and on its WebGPU
  gpu              the part gpu by itself: designs on one WebGPU adapter against each other
  nats             messages to another process over a NATS server, beside the same by hand
  sqlite           durable edges in an SQLite file, beside a table that is used as a queue

Targets are reported, not asserted. Exit code 0: measured, 1: something failed or got slower, 2: bad usage, 130:
interrupted with Ctrl-C, after writing what was measured so far.
`;
