import { debianProgram, runs } from "./debian-program.mjs";

/**
 * Lets the processes that are started from now on find the program nats-server: the one of this machine, or Debian's, which
 * is unpacked beside what else is cached. Returns why there is none, if so; in CI that is an error.
 * @returns {string | undefined}
 */
export function useNatsServer() {
  const installed = process.env["RINGLINE_NATS_SERVER"] ?? "nats-server";
  if (runs(installed, "--version")) return undefined;
  const program = debianProgram("nats-server", "usr/sbin/nats-server");
  if (runs(program, "--version")) {
    process.env["RINGLINE_NATS_SERVER"] = program;
    return undefined;
  }
  const reason = "there is no program nats-server: install it, or name it in RINGLINE_NATS_SERVER";
  if (process.env["CI"]) throw new Error(`Nothing over NATS can be tested: ${reason}.`);
  return reason;
}
