// Random and mutated frames and lines to every subject of a running system, beside a real flow: nothing may end, reconnect, grow or
// be lost, and what is refused must be counted.
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { connect } from "@nats-io/transport-node";
import { findServer, startHost, startServer } from "@ringline/nats/testing";

const { values } = parseArgs({
  options: { fuzz: { type: "boolean" }, frames: { type: "string", default: "1000000" }, seed: { type: "string" } },
});
const FRAMES = Number(values.frames);
const SEED = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
if (![FRAMES, SEED].every((number) => Number.isSafeInteger(number) && number >= 0)) {
  console.error("--frames and --seed take whole numbers.");
  process.exit(2);
}
if (findServer() === undefined) {
  console.error("There is no nats-server.");
  process.exit(2);
}
/** Most bytes by which a process may grow. */
const GROWTH = 50 * 1024 ** 2;
const BATCH = 500;
/** First bytes of a frame, as `reliable-link.ts` has them. */
const HEADER = 16;

let state = SEED | 0;
/** Mulberry32 */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mix = Math.imul(state ^ (state >>> 15), 1 | state);
  mix = (mix + Math.imul(mix ^ (mix >>> 7), 61 | mix)) ^ mix;
  return ((mix ^ (mix >>> 14)) >>> 0) / 2 ** 32;
}
const below = (/** @type {number} */ most) => Math.floor(random() * most);
/** @template T @param {readonly T[]} list @returns {T} */
const oneOf = (list) => /** @type {T} */ (list[below(list.length)]);
const noise = (/** @type {number} */ most) => Buffer.from(Array.from({ length: below(most) }, () => below(256)));

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const server = await startServer();
const HEALTH = String(20_000 + (process.pid % 20_000));
const options = ["--host-timeout", "30000", "--health-port", HEALTH];
const host = await startHost(server.address, [here("../kernels/workers.mjs")], ...options);
const stranger = await connect({ servers: server.address });
/** Frames and lines that were overheard, to be changed. @type {{ subject: string, data: Buffer }[]} */
const frames = [];
/** @type {string[]} */
const lines = [];
stranger.subscribe("ringline.to.*.*", {
  callback: (_, { subject, data }) => {
    const heard = { subject, data: Buffer.from(data.subarray(0, 4096)) };
    if (frames.length < 500) frames.push(heard);
    else if (random() < 0.01) frames[below(frames.length)] = heard;
  },
});
stranger.subscribe("ringline.hosts", {
  callback: (_, message) => void (lines.length < 20 && lines.push(message.string())),
});
await stranger.flush();

const program = fork(here("fuzz-program.mjs"), [server.address]);
const answers = /** @type {((told: any) => void)[]} */ ([]);
program.on("message", (told) => answers.shift()?.(told));
const next = () => new Promise((/** @type {(told: any) => void} */ resolve) => answers.push(resolve));
/** @type {string[]} */
const faults = [];
program.on("exit", (code) => {
  if (code !== 0) faults.push(`the program ended with ${code}`);
});
await next();
while (frames.length < 100 || lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
const runtime = frames.map(({ subject }) => subject.split(".")[2]).find((name) => name !== host.name) ?? "";

/** Bytes in memory of the host and of the program. */
async function memory() {
  const told = next();
  program.send("memory");
  const text = process.platform === "linux" ? readFileSync(`/proc/${host.child.pid}/status`, "utf8") : "";
  return { host: Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) * 1024, program: (await told).memory };
}

/** A real frame with changes. */
function changed() {
  const { data } = oneOf(frames);
  const bytes = Buffer.from(below(8) === 0 ? data.subarray(0, below(data.length)) : data);
  for (let changes = 1 + below(4); changes > 0 && bytes.length > 0; changes--) bytes[below(bytes.length)] = below(256);
  return below(8) === 0 ? Buffer.concat([bytes, noise(64)]) : bytes;
}

/** A real frame of a link that the receiver does not have. */
function ofNoLink() {
  const bytes = changed();
  if (bytes.length < HEADER) return bytes;
  bytes.writeUInt32LE(2 + below(1000), 4); // whoever begins a link in the name of a runtime has the rights of that runtime
  bytes.writeUInt32LE(1_000_000 + below(1_000_000), 12);
  return bytes;
}

function line() {
  const text = oneOf(lines);
  if (below(4) === 0) return noise(200);
  const bytes = Buffer.from(text);
  for (let changes = 1 + below(3); changes > 0; changes--) bytes[below(bytes.length)] = below(128);
  return below(4) === 0 ? bytes.subarray(0, below(bytes.length)) : bytes;
}

let sent = 0;
/** Frames to the host that cannot be any: too short, or with another beginning. */
let hopeless = 0;
const names = Array.from({ length: 1000 }, (_, i) => `stranger-${i}`);
const [first] = frames.map(({ data }) => data);

function one() {
  const way = random();
  const bytes = below(5) === 0 ? noise(300) : changed();
  const from = below(20) === 0 ? oneOf(["__proto__", "x".repeat(200), "a", "é"]) : oneOf(names);
  if (way < 0.5) {
    if (bytes.length < HEADER || !first?.subarray(0, 3).equals(bytes.subarray(0, 3))) hopeless++;
    stranger.publish(`ringline.to.${host.name}.${from}`, bytes);
  } else if (way < 0.7) stranger.publish(`ringline.to.${runtime}.${from}`, bytes);
  else if (way < 0.78)
    stranger.publish(`ringline.to.${host.name}.${runtime}`, ofNoLink().subarray(0, below(2) === 0 ? 12 : 4096));
  else if (way < 0.86) stranger.publish(`ringline.to.${runtime}.${host.name}`, ofNoLink());
  else if (way < 0.96) stranger.publish("ringline.hosts", line());
  else if (way < 0.99) stranger.publish("ringline.who", below(2) === 0 ? line() : noise(100));
  else if (way < 0.9995) stranger.publish("ringline.take.fuzz", line(), { reply: "nobody.hears" });
  else stranger.publish("ringline.flow.fuzz", noise(200));
  sent++;
}

let before = await memory();
const begin = performance.now();
while (sent < FRAMES && faults.length === 0) {
  for (let i = 0; i < BATCH && sent < FRAMES; i++) one();
  await stranger.flush();
  // what comes first makes engines and buffers grow to their size
  if (sent <= FRAMES / 5 && sent + BATCH > FRAMES / 5) before = await memory();
  if (sent % 100_000 < BATCH) console.error(`${((performance.now() - begin) / 1000).toFixed(0)} s: ${sent} frames`);
}
const seconds = (performance.now() - begin) / 1000;
const after = await memory();
const result = next();
program.send("end");
const { inputs, wrong, connections, restarts, letters, errors } = await result;
if (program.exitCode === null) await once(program, "exit");
const code = host.child.exitCode;
const health = code === null ? await (await fetch(`http://127.0.0.1:${HEALTH}`)).json() : undefined;
if (code !== null) faults.push(`the host ended with ${code}`);
else if (health.refusedFrames < hopeless)
  faults.push(`${hopeless} were no frames, ${health.refusedFrames} were counted`);
if (wrong > 0) faults.push(`${wrong} of ${inputs} inputs came not once`);
if (connections + restarts + letters + errors > 0) {
  faults.push(
    `${connections} changes of the connection, ${restarts} restarts, ${letters} dead letters, ${errors} errors`,
  );
}
for (const who of /** @type {const} */ (["host", "program"])) {
  const growth = after[who] - before[who];
  console.log(
    `${who}: ${(before[who] / 1024 ** 2).toFixed(0)} MB, ${(growth / 1024 ** 2).toFixed(1)} MB more at the end`,
  );
  if (growth > GROWTH) faults.push(`the ${who} grew by ${growth} bytes`);
}
console.log(
  `${sent} frames and lines in ${seconds.toFixed(0)} s beside ${inputs} inputs; ${hopeless} to the host could not be frames, it refused ${health?.refusedFrames}`,
);
for (const fault of faults) console.log(`FAULT ${fault}`);
console.log(`${faults.length === 0 ? "All is well" : `${faults.length} faults`}: seed ${SEED}.`);
await stranger.close();
await host.stop("SIGKILL");
await server.stop("SIGKILL");
process.exit(faults.length > 0 ? 1 : 0);
