import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Readable } from "node:stream";

const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/**
 * Starts a program that ends with this process at the latest. Ctrl-C reaches only this process, which may keep the
 * program running for a while.
 */
export function startChild(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  children.add(child);
  child.on("exit", () => children.delete(child));
  return child;
}

/**
 * Resolves with the output of a program once it contains `text`; from then on the program does not keep this process
 * alive. Rejects with the output if the program ends before.
 */
export function outputOf(child: ChildProcess, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let all = "";
    const streams = [child.stdout, child.stderr] as (Readable & { unref(): void })[];
    for (const stream of streams) {
      stream.setEncoding("utf8").on("data", (piece: string) => {
        all = (all + piece).slice(-10_000);
        if (!all.includes(text)) return;
        child.unref();
        for (const one of streams) one.unref();
        resolve(all);
      });
    }
    child.on("exit", (code) => reject(new Error(`${child.spawnfile} ended with ${code}: ${all}`)));
    child.on("error", reject);
  });
}

/** Stops a program; resolves when it has ended. */
export async function stopChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  child.kill(signal);
  await once(child, "exit");
}

/** Returns a loopback port that is free at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
