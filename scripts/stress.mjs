// The faults of threads many times over: 200 trials of each, and a million sleeps. Takes about ten minutes. Or those of hosts, or
// of the links between them.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { useNatsServer } from "./lib/nats-server.mjs";
import { runInstalled } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";

if (process.argv.includes("--help")) {
  console.log(`Usage: npm run stress [-- --kills <number> [--seed <number>] [--json]]
       npm run stress [-- --moves <number> [--seed <number>]]
       npm run stress [-- --durable [--kills <number>] [--disks <number>] [--cuts <number>] [--seed <number>]]
       npm run stress [-- --deploys <number> [--on sqlite|nats]]
       npm run stress [-- --fuzz [--frames <number>] [--seed <number>]]
       npm run stress [-- [--hosts|--links] <what Vitest takes>]

With --kills: kills threads of one program after the other at random moments, pairs of them within 50 ms, while kernels of all strategies
work, with outputs that count once, retries, drains and a flow; then counts everything. The same seed chooses the same moments.

With --moves: moves the stages of a flow between the event loop, threads and hosts (where there is nats-server) at random moments, with
pauses in between; compares what comes out with a plain loop, and prints the pauses. The same seed chooses the same moves.

With --durable: programs of a durable flow in an SQLite file, with a batch, a join, a state and dead letters, are killed at random
moments (200), have a full disk (20), or find their file cut at a random byte (20); outputs and dead letters must come once by their
ids, and the state be exact. Needs an SQLite: Node 22.13 or later, or better-sqlite3.

With --deploys: a program takes a durable flow over from the one before, under traffic, so many times, on SQLite and on NATS (where
there is nats-server); each output must be read once over all programs. With --fuzz: a million random and mutated frames and lines to
every subject of a system over NATS, beside a real flow: nothing may end, reconnect, restart, grow by 50 MB or be lost.

Ends threads in the middle of traffic in every way that they can end, 200 random trials of each, and sends a kernel to sleep a
million times. With --hosts: kills hosts and programs and cuts links in the middle of traffic over NATS instead, 100 times; needs
nats-server. With --links: cuts and heals the links of two hosts and a program in network namespaces 50 times while a flow of
RINGLINE_MESSAGES (200000) runs over durable edges; needs nats-server, and Linux that lets users make namespaces.
RINGLINE_TRIALS and RINGLINE_SLEEPS say how often. Exit code 0: all passed, 1: something failed.`);
  process.exit();
}

await setUp();
/** Programs by the option that asks for them; the first option that is given counts. */
const programs = {
  "--deploys": "apps/demo/test/stress/deploys.mjs",
  "--durable": "packages/sqlite/test/stress/durable.mjs",
  "--fuzz": "packages/nats/test/stress/fuzz.mjs",
  "--kills": "packages/worker-threads/test/stress/kills.mjs",
  "--moves": "apps/demo/test/stress/moves.mjs",
};
const [, program] = Object.entries(programs).find(([option]) => process.argv.includes(option)) ?? [];
if (program !== undefined) {
  if (["--moves", "--deploys", "--fuzz"].some((option) => process.argv.includes(option))) useNatsServer();
  const child = spawn(process.execPath, [program, ...process.argv.slice(2)], { stdio: "inherit" });
  process.on("SIGINT", () => {}); // the program ends by itself
  const [status] = await once(child, "exit");
  process.exit(status ?? 1);
}
useNatsServer();
if (process.argv.includes("--links")) {
  const { status } = spawnSync(process.execPath, ["packages/nats/test/stress/links.mjs"], { stdio: "inherit" });
  process.exit(status ?? 1);
}
const hosts = process.argv.includes("--hosts");
process.env["RINGLINE_TRIALS"] ??= hosts ? "100" : "200";
process.env["RINGLINE_SLEEPS"] ??= "1000000";
const given = process.argv.slice(2).filter((arg) => arg !== "--hosts");
const all = hosts ? ["lost-hosts", "lost-connections", "durable-flows", "moving-hosts"] : ["lost-threads", "hosting"];
const project = hosts ? "nats" : "worker-threads";
const chosen = given.length > 0 ? given : all;
const { code } = await runInstalled("vitest/vitest.mjs", ["run", "--project", project, ...chosen]);
process.exitCode = code;
