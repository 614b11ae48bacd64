// Stages of a flow move between all backends that run here and change their number of workers, at random and under traffic,
// and pause in between. Each input must come out once, in order where that is asked for, with the state of a plain loop, and the ledgers must balance.
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createRuntime } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { workerThreads } from "@ringline/worker-threads";
import { Item, KEYS, topologies } from "./move-kernels.mjs";

const { values } = parseArgs({
  options: { moves: { type: "string", default: "500" }, seed: { type: "string" }, local: { type: "boolean" } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
const LIMIT = 120_000;

let state = seed >>> 0;
/** Numbers that look random and are the same for the same seed (mulberry32, Tommy Ettinger). */
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
const oneOf = (/** @type {readonly string[]} */ list) =>
  /** @type {string} */ (list[Math.floor(random() * list.length)]);

const hasHosts = values.local !== true && findServer() !== undefined;
const server = hasHosts ? await startServer() : undefined;
const kernels = fileURLToPath(new URL("move-kernels.mjs", import.meta.url));
const hosts = server === undefined ? [] : await Promise.all([1, 2].map(() => startHost(server.address, [kernels])));

const backends = {
  loop: inProcess(),
  copies: inProcess({ copy: true }),
  threads: workerThreads({ threads: 2 }),
  ...(server !== undefined && { hosts: nats({ servers: server.address }) }),
};
const names = Object.keys(backends);
/** @type {Map<string, number[]>} */
const pauses = new Map();
let [moves, scalings] = [0, 0];

for (const topology of Object.values(topologies)) await run(topology, Number(values.moves) / 2);

console.log(
  `seed ${seed}: ${moves} moves between ${names.join(", ")}, and ${scalings} changes of the number of workers`,
);
for (const [way, all] of [...pauses].sort()) {
  const sorted = all.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1);
  console.log(`  ${way}: ${all.length} times, pause in ms: median ${at(0.5)}, 90% ${at(0.9)}, most ${at(1)}`);
}
for (const host of hosts) await host.stop("SIGKILL");
await server?.stop();
process.exit(0);

/** @param {(typeof topologies)["ordered"]} topology @param {number} wanted */
async function run(topology, wanted) {
  const late = setTimeout(() => fail("it takes too long"), LIMIT + 100 * wanted);
  const runtime = createRuntime({ backends });
  runtime.on("error", (error) => fail(`${error.code}: ${error.message}`));
  runtime.on("deadLetter", ({ reason, kernelId }) => fail(`a dead letter of ${kernelId}: ${reason}`));
  runtime.on("relocated", ({ from, to, pause }) => {
    const way = `${from} → ${to}`;
    pauses.set(way, [...(pauses.get(way) ?? []), pause]);
  });
  runtime.on("scaled", ({ stage, pause }) => {
    const way = `more or fewer workers of ${stage}`;
    pauses.set(way, [...(pauses.get(way) ?? []), pause]);
  });
  const flow = await runtime.run(topology, { maxInFlight: 64 });
  let sent = 0;
  let isOver = false;
  async function* source() {
    while (!isOver) {
      yield Item({ n: sent, key: sent % KEYS });
      sent++;
      if (random() < 0.05) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  const shaking = (async () => {
    for (let i = 0; i < wanted; i++) {
      if (random() < 0.1) {
        await flow.pause();
        await flow.resume();
      }
      if (random() < 0.4) {
        await flow.scale(oneOf(["first", "left"]), 1 + Math.floor(random() * 5));
        scalings++;
      } else {
        await flow.move(oneOf(["first", "left", "right", "last"]), { backend: oneOf(names) });
        moves++;
      }
    }
    isOver = true;
  })();
  shaking.catch((error) => fail(`a change: ${error.code} ${error.message}`));
  const seen = new Set();
  /** Numbers that each key has given. @type {Set<string>} */
  const counts = new Set();
  let next = 0;
  for await (const { n, index, count } of flow.process(source())) {
    if (topology.name === "ordered" && n !== next) fail(`${n} came out where ${next} was due`);
    if (seen.has(n)) fail(`${n} came out twice`);
    if (index !== next) fail(`the state was ${index} where it should be ${next}`);
    if (topology.name === "ordered" && count !== Math.floor(n / KEYS)) fail(`${n} was number ${count} of its key`);
    counts.add(`${n % KEYS} ${count}`);
    seen.add(n);
    next++;
  }
  await shaking;
  if (next !== sent) fail(`${next} of ${sent} came out`);
  if (counts.size !== sent) fail(`${sent} inputs, but ${counts.size} numbers of keys`);
  for (const [port, { accepted, done, dropped, deadLettered }] of await runtime.dispose()) {
    if (port.endsWith(".input") && (accepted !== done || dropped + deadLettered > 0)) fail(`the ledger of ${port}`);
  }
  clearTimeout(late);
  console.log(`${topology.name}: ${sent} inputs`);
}

/** @param {string} what */
function fail(what) {
  console.error(`seed ${seed}, after ${moves} moves and ${scalings} scalings: ${what}`);
  for (const host of hosts) host.child.kill("SIGKILL");
  process.exit(1);
}
