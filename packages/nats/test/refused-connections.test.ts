import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer } from "@ringline/nats/testing";
import { expect, test } from "vitest";
import { said, startChild, stopChild } from "../src/testing/child.js";
import { worker } from "./kernels/workers.mjs";

type Options = NonNullable<Parameters<typeof nats>[0]>;
const program = findServer();

/** The remedy of what starting a kernel fails with, on a server with these arguments, which picks its port. */
async function remedies(args: readonly string[], tries: readonly Omit<Options, "servers">[]): Promise<string[]> {
  const server = startChild(program as string, ["-a", "127.0.0.1", "-p", "-1", ...args]);
  const port = /connections on 127\.0\.0\.1:(\d+)/.exec(await said(server, "Server is ready"))?.[1];
  const found: string[] = [];
  for (const options of tries) {
    const backend = nats({ servers: `127.0.0.1:${port}`, hostTimeout: 200, ...options });
    await using runtime = createRuntime({ backend });
    const error = await runtime.start(worker).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "BACKEND_UNAVAILABLE" });
    found.push((error as { remedy: string }).remedy);
  }
  await stopChild(server, "SIGTERM");
  return found;
}

test.skipIf(program === undefined)("a server that refuses a client: the remedy speaks of credentials", async () => {
  const [none, wrong, right] = await remedies(
    ["--auth", "secret"],
    [{}, { credentials: { token: "guessed" } }, { credentials: { token: "secret" } }],
  );
  expect(none).toContain("`credentials`");
  expect(wrong).toContain("`credentials`");
  expect(right).toContain("ringline-host"); // connected: there is no host
});

test.skipIf(program === undefined)("certificates are for the IP address in `servers`, and no other name", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ringline-tls-"));
  const make = (name: string, subject: string) => {
    const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    const kind = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(" ");
    const into = ["-keyout", key, "-out", cert, "-subj", `/CN=${name}`, "-addext", `subjectAltName=${subject}`];
    execFileSync("openssl", [...kind, ...into], { stdio: "ignore" });
    return { caFile: cert, args: ["--tls", "--tlscert", cert, "--tlskey", key] };
  };
  const [address, name] = [make("address", "IP:127.0.0.1"), make("name", "DNS:localhost")];
  const [right, unknown] = await remedies(address.args, [{ tls: { caFile: address.caFile } }, { tls: true }]);
  expect(right).toContain("ringline-host"); // connected: there is no host
  expect(unknown).toContain("`tls.caFile`");
  const [other] = await remedies(name.args, [{ tls: { caFile: name.caFile } }]);
  expect(other).toContain("ERR_TLS_CERT_ALTNAME_INVALID");
  rmSync(folder, { recursive: true, force: true });
});
