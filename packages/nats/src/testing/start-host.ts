import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { outputOf, startChild, stopChild } from "./child.js";

const command = fileURLToPath(new URL("./ringline-host.js", import.meta.url));

export interface StartedHost {
  /** Name of the host at the server. */
  readonly name: string;
  readonly child: ChildProcess;
  /**
   * Stops the host; resolves when it has ended. Default "SIGTERM": the host leaves, and its kernels restart elsewhere
   * by their policy.
   */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * Starts a host in a process of its own; resolves when it is ready. `modules`: files that export kernels. `more`:
 * arguments of `ringline-host`. Rejects with the output of a host that fails to start.
 */
export async function startHost(
  address: string,
  modules: readonly string[],
  ...more: readonly string[]
): Promise<StartedHost> {
  const args = modules.flatMap((file) => ["--module", file]);
  const child = startChild(process.execPath, [command, "--servers", address, ...args, ...more]);
  const text = await outputOf(child, "is ready");
  const name = /^ringline-host (\S+) is ready/m.exec(text)?.[1] ?? "";
  return { name, child, stop: (signal = "SIGTERM") => stopChild(child, signal) };
}
