import { fileURLToPath } from "node:url";
import type { Backend } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { backends, ON_HOSTS } from "../backends.js";
import { UsageError } from "../cli/usage-error.js";

/** A backend, and what ends what was started for it. */
export interface OpenBackend extends AsyncDisposable {
  readonly backend: Backend;
}

/** With `hosts` processes for kernels and a server between them and this one, where the backend is "nats". */
export async function openBackend(name: string, hosts: number): Promise<OpenBackend> {
  if (name !== ON_HOSTS) return { backend: backends[name]!(), async [Symbol.asyncDispose]() {} };
  if (findServer() === undefined) {
    throw new UsageError("--backend nats needs the program nats-server, which Debian has as a package of this name.");
  }
  const server = await startServer();
  const modules = [fileURLToPath(new URL("./kernels.js", import.meta.url))];
  const starting = Array.from({ length: hosts }, () => startHost(server.address, modules));
  const close = async () => {
    for (const one of await Promise.allSettled(starting)) if (one.status === "fulfilled") await one.value.stop();
    await server.stop();
  };
  try {
    await Promise.all(starting);
    return { backend: nats({ servers: server.address }), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
