import { existsSync } from "node:fs";
import type { Server } from "node:http";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { isRinglineError } from "@ringline/core";
import { describeError } from "../host/host.js";
import { type AnyHost, startHosts } from "../host/threaded-host.js";
import { isLabels, LONGEST_LABEL, MOST_LABELS } from "../host-status.js";
import { LONGEST, settingsOf } from "../options.js";
import { credentialOptions, credentialsOf } from "./credentials.js";
import { serveHealth } from "./serve-health.js";

const USAGE = `Usage: ringline-host --module <file> [options]

Runs the kernels of its modules, and no others, for runtimes that use nats().

  --module <file>       a module that exports kernels; may be given several times
  --servers <list>      NATS servers, with commas between them (default 127.0.0.1:4222)
  --credentials <file>  a credentials file
  --nkey <file>         a file with the seed of an nkey
  --tls                 TLS with the authorities that the system trusts
  --tls-ca <file>, --tls-cert <file>, --tls-key <file>
                        TLS with these: whom to trust, and who this is
  --prefix <text>       what all subjects begin with, as in nats() (default ringline)
  --backend <name>      where its kernels run: in-process (default), worker-threads, or webgpu, which runs compute kernels on a
                        device and needs the packages @ringline/webgpu and webgpu
  --threads <n>         threads, each a host of its own with a part of the kernels (with --backend worker-threads: as many
                        as there are cores; else none)
  --labels <list>       what this host offers, such as gpu,eu: runtimes choose by it
  --host-timeout <ms>   how long a runtime may be silent (default 5000)
  --grace <ms>          how long kernels may go on after SIGTERM (default 10000)
  --health-port <port>  answers HTTP requests on the loopback interface with what it does, as JSON (status 503 while it is
                        not connected), or at /metrics as Prometheus reads it (default: none)
  --help

The environment may hold RINGLINE_NATS_USER and RINGLINE_NATS_PASSWORD, or RINGLINE_NATS_TOKEN.

SIGTERM and SIGINT: it takes no more kernels, hands over those that it has, and ends when they are gone, or the grace period is
over.
Exit code 0: ended as asked, 1: it could not start, 2: wrong arguments.`;

const options = {
  module: { type: "string", multiple: true },
  servers: { type: "string" },
  ...credentialOptions,
  prefix: { type: "string" },
  labels: { type: "string" },
  backend: { type: "string" },
  threads: { type: "string" },
  "host-timeout": { type: "string" },
  grace: { type: "string" },
  "health-port": { type: "string" },
  help: { type: "boolean" },
} as const;

/** Options that name files. */
const FILES = ["module", "credentials", "nkey", "tls-ca", "tls-cert", "tls-key"] as const;
const MOST_THREADS = 1024;
const BACKENDS: readonly string[] = ["in-process", "worker-threads", "webgpu"];

/** The command `ringline-host`. */
export async function hostCommand(args: readonly string[]): Promise<void> {
  const given = read(args);
  if (given === undefined) return;
  const tell = (text: string) => console.error(`ringline-host: ${text}`);
  let hosts: readonly AnyHost[] = [];
  let health: Server | undefined;
  try {
    if (given.healthPort !== undefined) health = await serveHealth(() => hosts, given.healthPort);
  } catch (error) {
    return refuse(`--health-port ${given.healthPort}: ${(error as Error).message}`);
  }
  try {
    hosts = await startHosts(given.settings, given.host, given.threads, tell);
  } catch (error) {
    console.error(`ringline-host cannot start: ${describeError(error)}`);
    health?.close();
    process.exitCode = 1;
    return;
  }
  for (const { name } of hosts) console.log(`ringline-host ${name} is ready`);
  const leave = async () => {
    await Promise.all(hosts.map((host) => host.leave(given.grace)));
    health?.close();
    process.exit(0);
  };
  process.once("SIGTERM", leave);
  process.once("SIGINT", leave);
}

/** Parses the arguments; undefined if there is nothing to run, after a message to the user. */
function read(args: readonly string[]) {
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) {
      console.log(USAGE);
      return undefined;
    }
    const { module: modules = [], servers, prefix, labels, backend = "in-process" } = values;
    for (const option of FILES) checkFile(option, values[option]);
    if (modules.length === 0) throw new Error("--module is missing: there is nothing to run");
    if (!BACKENDS.includes(backend)) throw new Error(`--backend ${backend}: one of ${BACKENDS.join(", ")}`);
    const offered = labels?.split(",").filter((label) => label !== "") ?? [];
    if (!isLabels(offered)) throw new Error(`--labels: at most ${MOST_LABELS}, of ${LONGEST_LABEL} characters each`);
    const hostTimeout = number("host-timeout", values["host-timeout"], 100, LONGEST);
    const settings = settingsOf({
      ...(servers !== undefined && { servers: servers.split(",") }),
      ...credentialsOf(values, process.env),
      ...(prefix !== undefined && { prefix }),
      ...(hostTimeout !== undefined && { hostTimeout }),
    });
    return {
      settings,
      host: {
        modules: modules.map((file) => pathToFileURL(resolve(file)).href),
        labels: offered,
        backend: backend === "webgpu" ? ("webgpu" as const) : ("in-process" as const),
      },
      threads:
        number("threads", values.threads, 0, MOST_THREADS) ??
        (backend === "worker-threads" ? availableParallelism() : 0),
      grace: number("grace", values.grace, 0, LONGEST) ?? 10_000,
      healthPort: number("health-port", values["health-port"], 1, 65_535),
    };
  } catch (error) {
    refuse(isRinglineError(error) ? describeError(error) : (error as Error).message);
    return undefined;
  }
}

/** Reports wrong arguments, which end the command before anything starts. */
function refuse(why: string): void {
  console.error(`${why}\n\n${USAGE}`);
  process.exitCode = 2;
}

function checkFile(option: string, given: string | readonly string[] | undefined): void {
  for (const file of given === undefined ? [] : [given].flat()) {
    if (!existsSync(file)) throw new Error(`--${option} ${file}: there is no such file`);
  }
}

function number(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`--${name} ${text} is no whole number from ${least} to ${most}`);
}
