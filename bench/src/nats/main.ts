import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { connect } from "@nats-io/transport-node";
import { createRuntime } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { each, ratioOf } from "../gpu/pairs.js";
import { printRow } from "../gpu/print-row.js";
import { Step } from "../ringline/step.js";
import { echoHandle } from "../threads/kernels.js";
import { counted } from "./kernels.js";

const HELP = `Usage: npm run bench -- nats [--quick]

What messages to another process cost, over a NATS server on loopback that is started for it, beside the same by hand with its
client: one NATS message for each. Needs the program nats-server.`;

const PAIRS = process.argv.includes("--quick") ? 5 : 15;
const MESSAGES = 20_000;
const TRIPS = 500;

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
  const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const host = await startHost(server.address, [here("./kernels.js"), here("../kernels.js")]);
  const byHand = spawn(process.execPath, [here("./raw-host.js"), server.address], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(byHand.stdout, "data");
  const client = await connect({ servers: server.address });
  const runtime = createRuntime({ backend: nats({ servers: server.address }) });
  const [counting, answering] = [await runtime.start(counted), await runtime.start(echoHandle)];

  const rawOneWay = async () => {
    const begun = performance.now();
    for (let n = 0; n < MESSAGES; n++) client.publish("raw.one", JSON.stringify({ n }));
    await client.request("raw.one", JSON.stringify({ n: -1 }), { timeout: 60_000 });
    return performance.now() - begun;
  };
  const oneWay = async () => {
    const begun = performance.now();
    for (let n = 0; n < MESSAGES; n++) await counting.send(Step({ n }));
    await counting.send(Step({ n: -1 }));
    await counting.receive();
    return performance.now() - begun;
  };
  const rawTrips = each(TRIPS, () => client.request("raw.ask", JSON.stringify({ n: 1 })));
  const trips = each(TRIPS, () => answering.request(Step({ n: 1 })));

  console.log(`One host, one server, ${PAIRS} pairs\n`);
  printRow("speed of messages one way / by hand", { atLeast: 2 }, await ratioOf(rawOneWay, oneWay, PAIRS));
  printRow("time of a request / by hand", { atMost: 1.3 }, await ratioOf(trips, rawTrips, PAIRS));

  await runtime.dispose();
  await client.close();
  byHand.kill();
  await host.stop();
  await server.stop();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
