import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { createRuntime, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { each, ratioOf } from "../gpu/pairs.js";
import { printRow } from "../gpu/print-row.js";
import { Step } from "../ringline/step.js";
import { echoHandle } from "../threads/kernels.js";
import { counted, dropped } from "./kernels.js";

const HELP = `Usage: npm run bench -- nats [--quick]

What messages to another process cost, over a NATS server on loopback that is started for it, beside the same by hand with its
client: one NATS message for each, and arrays of them. Needs the program nats-server.`;

const PAIRS = process.argv.includes("--quick") ? 5 : 15;
const MESSAGES = 20_000;
const TRIPS = 500;
/** Acknowledgements outstanding at a time. */
const OUTSTANDING = 256;
/** Messages in one of NATS where somebody batches by hand, and such batches unacknowledged at a time. */
const BATCH = 256;
const BATCHES = 8;

async function main(): Promise<void> {
  if (process.argv.includes("--help")) return console.log(HELP);
  if (findServer() === undefined) {
    console.error(
      "There is no nats-server: install the package nats-server, or name the program in RINGLINE_NATS_SERVER.",
    );
    process.exitCode = 1;
    return;
  }
  const server = await startServer();
  const file = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const host = await startHost(server.address, [file("./kernels.js"), file("../kernels.js")]);
  const byHand = spawn(process.execPath, [file("./raw-host.js"), server.address], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(byHand.stdout, "data");
  const client = await connect({ servers: server.address });
  const runtime = createRuntime({
    backends: { there: nats({ servers: server.address }), here: inProcess() },
    defaultBackend: "there",
  });
  const [counting, answering] = [await runtime.start(counted), await runtime.start(echoHandle)];

  const [passing, last] = [await runtime.start(echoHandle.as("passing")), await runtime.start(counted.as("last"))];
  await runtime.connect(passing, last);

  const rawTo = (subject: string) => async () => {
    const begun = performance.now();
    for (let n = 0; n < MESSAGES; n++) client.publish(subject, JSON.stringify({ n }));
    await client.request(subject, JSON.stringify({ n: -1 }), { timeout: 60_000 });
    return performance.now() - begun;
  };
  const rawInArrays = async () => {
    const begun = performance.now();
    for (let n = 0; n < MESSAGES; n += BATCH) client.publish("raw.many", arrayFrom(n));
    await client.request("raw.many", JSON.stringify([{ n: -1 }]), { timeout: 60_000 });
    return performance.now() - begun;
  };
  const through = (first: typeof counting, last: typeof counting) => async () => {
    const begun = performance.now();
    for (let n = 0; n < MESSAGES; n++) await first.send(Step({ n }));
    await first.send(Step({ n: -1 }));
    await last.receive();
    return performance.now() - begun;
  };
  const [rawOneWay, oneWay] = [rawTo("raw.one"), through(counting, counting)];
  const [rawChain, chain] = [rawTo("raw.pass"), through(passing, last)];
  const rawTrips = each(TRIPS, () => client.request("raw.ask", JSON.stringify({ n: 1 })));
  const trips = each(TRIPS, () => answering.request(Step({ n: 1 })));

  const { manager, publisher } = await stream(client);
  const rawKept = async () => {
    const begun = performance.now();
    await ahead(MESSAGES, OUTSTANDING, (n) => publisher.publish("raw.kept", JSON.stringify({ n })));
    return performance.now() - begun;
  };
  const rawKeptInArrays = async () => {
    const begun = performance.now();
    await ahead(Math.ceil(MESSAGES / BATCH), BATCHES, (n) => publisher.publish("raw.kept", arrayFrom(n * BATCH)));
    return performance.now() - begun;
  };
  const edge = (flow: Keeps) => async () => {
    const begun = performance.now();
    await ahead(MESSAGES, OUTSTANDING, (n) => flow.send(Step({ n })));
    const taken = performance.now() - begun;
    await flow.drain(); // the next one begins with an empty flow
    return taken;
  };
  const here = edge(await runtime.run(pipeline("kept-here").stage(dropped, { backend: "here", durable: true })));
  const there = edge(await runtime.run(pipeline("kept-there").stage(dropped, { durable: true })));

  console.log(`One host, one server, ${PAIRS} pairs\n`);
  printRow("speed of messages one way / by hand", { atLeast: 2 }, await ratioOf(rawOneWay, oneWay, PAIRS));
  printRow("the same / by hand, arrays of 256", undefined, await ratioOf(rawInArrays, oneWay, PAIRS));
  printRow("speed through two kernels / by hand", undefined, await ratioOf(rawChain, chain, PAIRS));
  printRow("time of a request / by hand", { atMost: 1.3 }, await ratioOf(trips, rawTrips, PAIRS));
  const wanted = { atLeast: 0.9 };
  printRow("speed of a durable edge / acknowledged by hand", wanted, await ratioOf(rawKept, here, PAIRS));
  printRow("the same / arrays of 256 acknowledged by hand", undefined, await ratioOf(rawKeptInArrays, here, PAIRS));
  printRow(
    "a durable edge with a stage at the host / acknowledged by hand",
    undefined,
    await ratioOf(rawKept, there, PAIRS),
  );

  await runtime.dispose();
  await manager.streams.delete("raw");
  await client.close();
  byHand.kill();
  await host.stop();
  await server.stop();
}

/** Destination of the messages of `ahead`. */
interface Keeps {
  send(step: ReturnType<typeof Step>): Promise<void>;
  drain(): Promise<void>;
}

/** Creates the stream of the hand-written keeper. */
async function stream(client: NatsConnection) {
  const manager = await jetstreamManager(client);
  await manager.streams.add({ name: "raw", subjects: ["raw.kept"], storage: "file" });
  return { manager, publisher: jetstream(client) };
}

const arrayFrom = (first: number) => JSON.stringify(Array.from({ length: BATCH }, (_, i) => ({ n: first + i })));

/** Does something so often, with so many promises outstanding. */
async function ahead(count: number, outstanding: number, send: (n: number) => Promise<unknown>): Promise<void> {
  const sent: Promise<unknown>[] = [];
  for (let n = 0; n < count; n++) {
    if (n >= outstanding) await sent[n - outstanding];
    sent.push(send(n));
  }
  await Promise.all(sent);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
