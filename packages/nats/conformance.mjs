// What `npm run conformance` tests of this package, with a server and two hosts of its own.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { nats } from "@ringline/nats";
import { startHost, startServer } from "@ringline/nats/testing";

/** The suite's kernels. */
const folder = join(dirname(fileURLToPath(import.meta.resolve("@ringline/conformance"))), "kernels");
const modules = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".js"))
  .map((file) => join(folder, file));

/** Milliseconds after which a host that is silent is lost: short, as cases lose hosts and wait for it. */
const hostTimeout = 1500;
/** Milliseconds after which a runtime that is silent is given up by its hosts: long, as cases send 100,000 messages in one turn. */
const runtimeTimeout = 20_000;

async function subject() {
  const { address } = await startServer();
  const start = () => startHost(address, modules, "--host-timeout", String(runtimeTimeout));
  const hosts = new Map((await Promise.all([start(), start()])).map((host) => [`host ${host.name}`, host]));
  let next = Promise.resolve();
  const replace = async () => {
    const host = await start();
    hosts.set(`host ${host.name}`, host);
  };
  return {
    name: "nats",
    create: () => nats({ servers: address, hostTimeout }),
    /** Ends a host, and starts another; the next loss waits for that one. @param {string} place */
    lose: async (place) => {
      await next;
      const host = hosts.get(place);
      if (!hosts.delete(place)) return;
      next = replace();
      await host?.stop("SIGKILL");
    },
  };
}

/** @type {import("@ringline/conformance").Subject[]} */
export default [await subject()];
