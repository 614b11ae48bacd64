import { PARTS } from "./parse-options.js";

export const USAGE = `Usage: npm run bench -- [--only ${PARTS.join("|")}] [--subject a,b] [--pairs N] [--quick] [--heap] [--overload] [--json] [--out FILE] [--list] [--help]`;

export const HELP = `${USAGE}

Measures an echo, a round trip and a chain of stages through Ringline kernels against a hand-written ring buffer
(the floor) and against fastq, node:stream and RxJS, flows against node:stream and effect, and kernels on worker threads (the parts
threads-…) against postMessage, piscina and comlink: interleaved pairs in one process, medians and their spread.

  --only LIST      what to measure, comma-separated: ${PARTS.join(", ")} (default: the comparisons, without threads)
  --subject LIST   whom to measure, comma-separated; the reference is always the other half of a pair (default: all)
  --pairs N        pairs for each subject (default: 15)
  --quick          smaller and fewer measurements, for a first look
  --heap           the check of the heap over ten million messages (adds to --only)
  --overload       the check of the heap and of the ledger in a sustained overload, two minutes (adds to --only)
  --json           prints one JSON object instead of tables
  --out FILE       writes the JSON object to a file as well
  --list           lists what can be measured
  --help           prints this

Targets are reported, not asserted. Exit code 0: measured, 1: something failed, 2: bad usage, 130: interrupted with
Ctrl-C, after printing what was measured so far.
`;
