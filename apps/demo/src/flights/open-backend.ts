import { fileURLToPath } from "node:url";
import type { Backend } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, type StartedHost, startHost, startServer } from "@ringline/nats/testing";
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
  const started: StartedHost[] = [];
  const close = async () => {
    await Promise.all(started.map((host) => host.stop()));
    await server.stop();
  };
  try {
    const modules = [fileURLToPath(new URL("./kernels.js", import.meta.url))];
    await Promise.all(
      Array.from({ length: hosts }, async () => void started.push(await startHost(server.address, modules))),
    );
    return { backend: nats({ servers: server.address }), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
