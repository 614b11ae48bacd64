import { backendNames, ON_HOSTS } from "../backends.js";

export const USAGE = `Usage: npm run demo -- [--backend ${[...backendNames, ON_HOSTS].join("|")}] [--hosts N] [--limit N] [--corrupt N] [--json]
       npm run demo -- patterns [NAME ...] [--backend NAME] [--list]
       npm run demo -- anomalies|arrays|clusters [--backend NAME] [--software]
       npm run demo -- --help`;

export const HELP = `${USAGE}

Runs 200,000 real flights through a pipeline of ring kernels, clean → derive → aggregate → report, and shows the
average delay by hour and by distance, what each stage did, and whether everything adds up.

  --backend NAME   where the kernels run: ${backendNames.join(", ")} (default: ${backendNames[0]})
                   or ${ON_HOSTS}: on processes of their own, over a NATS server on loopback that is started for it
                   (it needs the program nats-server)
  --hosts N        with --backend ${ON_HOSTS}: that many processes (default: 2)
  --software       with --backend webgpu: an adapter in software, unpacked from an npm package (Linux x64)
  --limit N        only the first N rows
  --corrupt N      damages N of the rows, which then end as dead letters
  --json           prints one line of JSON instead: {"rows","ok","backend","seconds","deadLetters"}
  --help           prints this

anomalies: finds what is unusual in stock prices and weather, against sliding windows that stay where the kernel runs.
arrays: two stages over arrays of a million numbers. With --backend webgpu both run on the device.
clusters: k-means over 200,000 flights, by a kernel of the library. With --backend webgpu the points are uploaded once.

patterns: the ways to build pipelines, one small program each. Runs those that are named, else all; --list names them.

Exit code 0: done and correct, 1: the self-check or a pattern failed, 2: bad usage, 130: interrupted with Ctrl-C, after
printing what was done so far.
`;
