import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, outputOf, startChild, stopChild } from "./child.js";

export interface ServerOptions {
  /**
   * Port on loopback.
   *
   * @default a free one
   */
  readonly port?: number | undefined;
  /**
   * True for a server with JetStream.
   *
   * @default true
   */
  readonly jetStream?: boolean | undefined;
  /** Further arguments of the program. */
  readonly args?: readonly string[] | undefined;
}

export interface StartedServer {
  /** Address for the option `servers`. */
  readonly address: string;
  readonly port: number;
  /** Stops the server; resolves when it has ended. Default "SIGTERM". */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * Finds the server program: that of the environment variable `RINGLINE_NATS_SERVER`, or an installed `nats-server`.
 * Undefined if there is none.
 */
export function findServer(): string | undefined {
  const program = process.env["RINGLINE_NATS_SERVER"] ?? "nats-server";
  return spawnSync(program, ["--version"]).status === 0 ? program : undefined;
}

/**
 * Starts a server on loopback, by default with JetStream in a folder of its own; resolves when it accepts connections.
 * Rejects if there is no server program.
 */
export async function startServer({ port, jetStream = true, args = [] }: ServerOptions = {}): Promise<StartedServer> {
  const program = findServer();
  if (program === undefined) {
    throw new Error("No nats-server: install the package nats-server, or name the program in RINGLINE_NATS_SERVER.");
  }
  const at = port ?? (await freePort());
  const store = mkdtempSync(join(tmpdir(), "ringline-nats-"));
  const child = startChild(program, [
    "-a",
    "127.0.0.1",
    "-p",
    String(at),
    ...(jetStream ? ["-js", "-sd", store] : []),
    ...args,
  ]);
  const clear = () => rmSync(store, { recursive: true, force: true });
  process.once("exit", clear); // behind the handler that ends the server
  child.on("exit", () => {
    process.off("exit", clear);
    clear();
  });
  await outputOf(child, "Server is ready");
  return { address: `127.0.0.1:${at}`, port: at, stop: (signal = "SIGTERM") => stopChild(child, signal) };
}
