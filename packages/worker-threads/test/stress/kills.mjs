// Kills threads at random moments, wherever they are, while kernels of all strategies work; then everything is counted.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createRuntime, pipeline } from "@ringline/core";
import { workerThreads } from "@ringline/worker-threads";
import * as kernels from "./kill-kernels.mjs";

const { Job } = kernels;
const { values } = parseArgs({
  options: { kills: { type: "string" }, seed: { type: "string" }, json: { type: "boolean", default: false } },
});
const KILLS = Number(values.kills ?? 1000);
const SEED = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
if (!(Number.isSafeInteger(KILLS) && KILLS > 0 && Number.isSafeInteger(SEED))) {
  console.error("--kills and --seed take whole numbers, --kills from 1.");
  process.exit(2);
}
/** Of one runtime. */
const KILLS_A_ROUND = 20;
const THREADS = 4;
/** Milliseconds after which what has not ended hangs. */
const PATIENCE = 60_000;
/** Pairs are closer than that, in milliseconds. */
const CLOSE = 50;

/** Mulberry32 */
function randomOf(/** @type {number} */ seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mix = Math.imul(state ^ (state >>> 15), 1 | state);
    mix = (mix + Math.imul(mix ^ (mix >>> 7), 61 | mix)) ^ mix;
    return ((mix ^ (mix >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @type {string[]} */
const faults = [];
let isInterrupted = false;
process.once("SIGINT", () => {
  isInterrupted = true;
  process.once("SIGINT", () => process.exit(130));
});

/** @type {Set<import("node:worker_threads").Worker>} */
const workers = new Set();
process.on("worker", (worker) => {
  workers.add(worker);
  worker.once("exit", () => workers.delete(worker));
});

const total = { kills: 0, pairs: 0, accepted: 0 };

/** @template T @param {string} what @param {Promise<T>} promise */
async function within(what, promise) {
  const isOver = new AbortController();
  const late = sleep(PATIENCE, undefined, { signal: isOver.signal }).then(
    () => Promise.reject(new Error(`${what} hangs`)),
    () => new Promise(() => {}),
  );
  try {
    return /** @type {T} */ (await Promise.race([promise, late]));
  } finally {
    isOver.abort();
  }
}

/** Counts of the inputs of kernels and of their outcomes. */
class Counts {
  accepted = 0;
  dropped = 0;
  deadLettered = 0;
  /** Number of times that each output came. */
  outputs = /** @type {Map<string, number>} */ (new Map());

  output(/** @type {{ n: number, part?: number }} */ { n, part = 0 }) {
    const key = `${n}.${part}`;
    this.outputs.set(key, (this.outputs.get(key) ?? 0) + 1);
  }
}

async function round(/** @type {() => number} */ random, /** @type {number} */ kills) {
  const runtime = createRuntime({ backend: workerThreads({ threads: THREADS }) });
  const counts = /** @type {Map<string, Counts>} */ (new Map());
  const of = (/** @type {string} */ id) => {
    const known = counts.get(id) ?? new Counts();
    counts.set(id, known);
    return known;
  };
  runtime.on("error", () => {});
  runtime.on("drop", ({ kernelId }) => void of(kernelId).dropped++);
  runtime.on("deadLetter", ({ kernelId }) => void of(kernelId).deadLettered++);
  const { commits, fails, rejects, drops, letters: deadLetters, first, second, third, fourth, drained } = kernels;
  await Promise.all(
    [commits, fails, rejects, drops, deadLetters, first, second].map((kernel) => runtime.start(kernel)),
  );
  await runtime.connect(first, second);
  const flow = await runtime.run(pipeline("flow").stage(third).stage(fourth), { maxInFlight: 64 });

  let isOver = false;
  const send = async (/** @type {string} */ id) => {
    const count = of(id);
    for (let n = 0; !isOver; n++) {
      try {
        await runtime.send(id, Job({ n }));
        count.accepted++;
      } catch (error) {
        if (/** @type {{ code?: string }} */ (error).code !== "QUEUE_FULL") throw error;
      }
      if (n % 8 === 7) await sleep(0);
    }
  };
  const receive = async (/** @type {string} */ id, source = id) => {
    try {
      for (;;) of(source).output(/** @type {never} */ (await runtime.receive(/** @type {never} */ (id))));
    } catch (error) {
      if (/** @type {{ code?: string }} */ (error).code !== "TERMINATED") faults.push(`receive of ${id}: ${error}`);
    }
  };
  const readers = ["commits", "fails", "rejects", "letters"].map((id) => receive(id));
  readers.push(receive("second", "first"));
  let inputs = 0;
  const source = async function* () {
    while (!isOver) {
      yield Job({ n: inputs++ });
      if (inputs % 8 === 7) await sleep(0);
    }
  };
  const streamed = (async () => {
    for await (const message of flow.process(source())) of("flow").output(/** @type {never} */ (message));
  })();
  const restarted = (async () => {
    for (let n = 0; !isOver; ) {
      const handle = await runtime.start(drained).catch(() => undefined); // its thread may be lost meanwhile
      if (handle === undefined) continue;
      let accepted = 0;
      for (const end = n + 40; n < end; n++) {
        await handle.send(Job({ n }));
        accepted++;
      }
      await handle.terminate({ drain: true });
      const { ledger } = await handle.telemetry();
      const { done, deadLettered, queued, inHand } = ledger.input;
      if (ledger.input.accepted !== accepted || done + deadLettered !== accepted || queued + inHand !== 0)
        throw new Error(`drained: ${accepted} accepted, ${JSON.stringify(ledger.input)}`);
      total.accepted += accepted;
    }
  })();
  const senders = ["commits", "fails", "rejects", "drops", "letters", "first"].map(send);
  const works = Promise.all([...senders, streamed, restarted]);
  works.catch(() => {});

  for (let i = 0; i < kills && !isInterrupted; i++) {
    const isPair = random() < 0.3;
    const gap = isPair ? random() * CLOSE : CLOSE + random() * 100;
    if (!isPair) await Promise.race([busy(counts), works]);
    await Promise.race([sleep(gap), works]);
    const alive = [...workers];
    const victim = alive[Math.floor(random() * alive.length)];
    if (victim === undefined) continue;
    void victim.terminate();
    total.kills++;
    if (isPair) total.pairs++;
  }
  isOver = true;
  await within("a send, a flow or a drain", works);
  await within("what is queued", quiet(runtime));
  await judge(runtime, counts, inputs);
  const ledgers = await within("dispose", runtime.dispose({ drain: true, timeout: PATIENCE }));
  for (const [port, { accepted, queued, inHand, done, dropped, deadLettered }] of ledgers) {
    if (accepted !== queued + inHand + done + dropped + deadLettered || queued + inHand !== 0)
      faults.push(`${port} does not balance after dispose: ${JSON.stringify(ledgers.get(port))}`);
  }
  await within("a receiver", Promise.all(readers));
  if (workers.size > 0) await within("the end of a thread", Promise.all([...workers].map((one) => one.terminate())));
}

/** Threads have come up, and messages pass. @param {Map<string, Counts>} counts */
async function busy(counts) {
  const outputs = () => [...counts.values()].reduce((sum, one) => sum + one.outputs.size, 0);
  const enough = outputs() + 200;
  for (let i = 0; i < 300 && outputs() < enough; i++) await sleep(10);
}

const SUPERVISED = ["commits", "fails", "rejects", "drops", "letters", "first", "second"];

/** @param {import("@ringline/core").Runtime} runtime */
async function quiet(runtime) {
  for (const id of SUPERVISED) {
    for (;;) {
      const { ledger } = await runtime.telemetry(/** @type {never} */ (id));
      const { input, output } = ledger;
      const isRead = output.queued === 0 && output.accepted === output.done;
      if (input.queued + input.inHand === 0 && isRead) break;
      await sleep(10);
    }
  }
}

/** @param {import("@ringline/core").Runtime} runtime @param {Map<string, Counts>} counts @param {number} inputs */
async function judge(runtime, counts, inputs) {
  for (const id of SUPERVISED) {
    const count = /** @type {Counts} */ (counts.get(id) ?? new Counts());
    const { ledger } = await runtime.telemetry(/** @type {never} */ (id));
    const state = runtime.state(/** @type {never} */ (id));
    const { accepted, queued, inHand, done, dropped, deadLettered } = ledger.input;
    const told = `${id}: ${JSON.stringify(ledger.input)}`;
    if (state !== "active") faults.push(`${id} is ${state}`);
    if (accepted !== queued + inHand + done + dropped + deadLettered) faults.push(`${told} does not balance`);
    if (id !== "second" && accepted !== count.accepted) faults.push(`${told}, but ${count.accepted} were accepted`);
    if (dropped !== count.dropped) faults.push(`${told}, but ${count.dropped} drops were told`);
    if (deadLettered !== count.deadLettered) faults.push(`${told}, but ${count.deadLettered} letters were told`);
    if (id !== "letters" && deadLettered > 0) faults.push(`${told}: letters of a kernel that retries`);
    total.accepted += accepted;
    once(id, count, accepted);
  }
  once("flow", /** @type {Counts} */ (counts.get("flow")), inputs);
  total.accepted += inputs;
}

const PARTS = /** @type {Record<string, number>} */ ({ commits: 2, fails: 2, first: 1, flow: 1 });

/** Each part of each input once, where outputs count once; at least once, where they do not. */
function once(/** @type {string} */ id, /** @type {Counts} */ { outputs }, /** @type {number} */ inputs) {
  const parts = PARTS[id];
  if (parts === undefined) return;
  const twice = [...outputs].filter(([, times]) => times > 1).map(([key]) => key);
  if (twice.length > 0) faults.push(`${id}: outputs came twice: ${twice.slice(0, 5)} (${twice.length})`);
  if (outputs.size !== parts * inputs) faults.push(`${id}: ${outputs.size} outputs of ${inputs} inputs`);
}

console.error(`seed ${SEED}: ${KILLS} kills`);
const random = randomOf(SEED);
const start = performance.now();
while (total.kills < KILLS && !isInterrupted && faults.length === 0) {
  try {
    await round(random, Math.min(KILLS_A_ROUND, KILLS - total.kills));
  } catch (error) {
    faults.push(/** @type {Error} */ (error).stack ?? String(error));
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.error(`${seconds} s: ${total.kills} kills, ${total.accepted} messages, ${faults.length} faults`);
}
const result = { seed: SEED, ...total, isInterrupted, faults };
if (values.json) console.log(JSON.stringify(result));
else {
  for (const fault of faults) console.log(`FAULT ${fault}`);
  console.log(
    `${faults.length === 0 ? "All is well" : `${faults.length} faults`}: seed ${SEED}, ${total.kills} kills, ${total.pairs} of them less than ${CLOSE} ms after another one, ${total.accepted} messages.`,
  );
}
process.exit(faults.length > 0 ? 1 : isInterrupted ? 130 : 0);
