// Hosts and a program in network namespaces, whose links are cut and healed while a flow runs over durable edges.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findServer } from "@ringline/nats/testing";
import { HERE, openBridge, openMachine, runApart, whyNot } from "./namespaces.mjs";

const MESSAGES = Number(process.env["RINGLINE_MESSAGES"] ?? 200_000);
const CUTS = Number(process.env["RINGLINE_TRIALS"] ?? 50);
/** Milliseconds of silence after which a host is lost: some cuts are longer, some shorter. */
const HOST_TIMEOUT = 1500;
const PORT = 4222;

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

if (process.argv[2] === "apart") await main();
else {
  const reason = findServer() === undefined ? "there is no nats-server" : whyNot();
  if (reason === undefined) process.exitCode = await runApart([here("links.mjs"), "apart"]);
  else console.log(`Links are not cut: ${reason}.`);
}

async function main() {
  openBridge();
  const folder = mkdtempSync(join(tmpdir(), "ringline-links-"));
  const server = spawn(findServer() ?? "", ["-a", HERE, "-p", String(PORT), "-js", "-sd", folder], { stdio: "ignore" });
  const machines = await Promise.all([2, 3, 4].map(openMachine));
  const [one, two, three] = machines;
  if (one === undefined || two === undefined || three === undefined) throw new Error("three machines");
  const host = [
    here("../../dist/ringline-host.js"),
    "--servers",
    `${HERE}:${PORT}`,
    "--module",
    here("../kernels/workers.mjs"),
  ];
  const hosts = [one, two].map((machine) => machine.start(host));
  await Promise.all(hosts.map((child) => once(child.stdout, "data")));
  const program = three.start([here("link-program.mjs"), `${HERE}:${PORT}`, String(MESSAGES), String(HOST_TIMEOUT)]);
  let cuts = 0;
  let result = "";
  const ended = once(program, "exit");
  for await (const line of createInterface(program.stdout)) {
    if (!line.startsWith("at ")) result += `${line}\n`;
    else if (cuts < CUTS && Number(line.slice(3)) >= ((cuts + 1) * MESSAGES) / (CUTS + 2)) {
      const machine = machines[cuts++ % machines.length];
      const length = 20 + Math.random() * (cuts % 5 === 0 ? 2 * HOST_TIMEOUT : HOST_TIMEOUT / 2);
      machine?.cut();
      await new Promise((resolve) => setTimeout(resolve, length));
      machine?.heal();
    }
  }
  const [code] = await ended;
  for (const child of [...hosts, server]) child.kill("SIGKILL");
  for (const machine of machines) machine.close();
  rmSync(folder, { recursive: true, force: true });
  console.log(`${result}${cuts} cuts of links`);
  process.exit(code === 0 && cuts === CUTS ? 0 : 1);
}
