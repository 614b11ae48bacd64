// Machines of a network that are none: network namespaces, each on a bridge by a link of its own, which can be cut and healed.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** Address of this program as the namespaces see it. */
export const HERE = "10.77.0.1";

const ip = (/** @type {string[]} */ ...args) => execFileSync("ip", args, { stdio: ["ignore", "ignore", "inherit"] });

/** Undefined where this user may make namespaces; otherwise why not. */
export function whyNot() {
  const { status, stderr, error } = spawnSync("unshare", ["-rn", "ip", "link", "set", "lo", "up"], {
    encoding: "utf8",
  });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** Runs a program of Node in a network namespace of its own, as its root. Resolves to its exit code. @param {readonly string[]} args */
export async function runApart(args) {
  const child = spawn("unshare", ["-rn", process.execPath, ...args], { stdio: "inherit" });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, "exit");
  return code ?? 1;
}

/** To be called in the namespace that `runApart` makes. */
export function openBridge() {
  ip("link", "set", "lo", "up");
  ip("link", "add", "bridge", "type", "bridge");
  ip("addr", "add", `${HERE}/24`, "dev", "bridge");
  ip("link", "set", "bridge", "up");
}

/** A machine on the bridge. @param {number} number from 2 to 254 */
export async function openMachine(number) {
  const keeper = spawn("unshare", ["-n", process.execPath, "-e", "console.log('up'); setInterval(() => {}, 1e9)"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(keeper.stdout, "data");
  const { pid } = keeper;
  const link = `link${number}`;
  const enter = ["-t", String(pid), "-n"];
  const inside = (/** @type {string[]} */ ...args) =>
    execFileSync("nsenter", [...enter, "ip", ...args], { stdio: "ignore" });
  ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", String(pid));
  ip("link", "set", link, "master", "bridge");
  ip("link", "set", link, "up");
  inside("addr", "add", `10.77.0.${number}/24`, "dev", "eth0");
  inside("link", "set", "eth0", "up");
  inside("link", "set", "lo", "up");
  return {
    /** Starts a program of Node there. @param {readonly string[]} args */
    start: (args) => spawn("nsenter", [...enter, process.execPath, ...args], { stdio: ["ignore", "pipe", "inherit"] }),
    cut: () => ip("link", "set", link, "down"),
    heal: () => ip("link", "set", link, "up"),
    close: () => void keeper.kill(),
  };
}
