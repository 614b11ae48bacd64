import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRuntime } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { expect, test } from "vitest";
import { freePort, outputOf, startChild, stopChild } from "../src/testing/child.js";
import { Job, worker } from "./kernels/workers.mjs";

type Options = NonNullable<Parameters<typeof nats>[0]>;
const program = findServer();
const modules = [fileURLToPath(new URL("kernels/workers.mjs", import.meta.url))];

/** The remedy of what starting a kernel fails with, on a server with these arguments, which picks its port. */
async function remedies(args: readonly string[], tries: readonly Omit<Options, "servers">[]): Promise<string[]> {
  const server = startChild(program as string, ["-a", "127.0.0.1", "-p", "-1", ...args]);
  const port = /connections on 127\.0\.0\.1:(\d+)/.exec(await outputOf(server, "Server is ready"))?.[1];
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

test.skipIf(program === undefined)(
  "a login that is refused for a while: told once, and all work again by themselves",
  {
    timeout: 40_000,
  },
  async () => {
    const credentials = { user: "user", password: "right" };
    const serverWith = (password: string, port?: number) =>
      startServer({ ...(port !== undefined && { port }), args: ["--user", "user", "--pass", password] });
    let server = await serverWith("right");
    const { port, address } = server;
    const healthPort = await freePort();
    const host = await startHost(`user:right@${address}`, modules, "--health-port", String(healthPort));
    await using runtime = createRuntime({ backend: nats({ servers: address, credentials }) });
    const told: (readonly [change: string, reason: string | null | undefined])[] = [];
    runtime.on("connection", ({ change, reason }) => told.push([change, reason]));
    await runtime.start(worker);
    expect((await runtime.request(worker, Job({ n: 1 }), { timeout: 60_000 })).n).toBe(1);

    await server.stop();
    server = await serverWith("other", port);
    const health = () => fetch(`http://127.0.0.1:${healthPort}`);
    await expect.poll(() => told.at(-1)?.[0]).toBe("refused");
    await expect.poll(async () => (await health()).status).toBe(503);
    expect(await (await health()).json()).toMatchObject({ connected: false, reason: expect.stringMatching(/auth/i) });
    await using late = createRuntime({ backend: nats({ servers: address, credentials }) });
    await expect(late.start(worker)).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE" });

    await server.stop();
    server = await serverWith("right", port);
    expect((await runtime.request(worker, Job({ n: 2 }), { timeout: 60_000 })).n).toBe(2);
    await late.start(worker); // the next call tries again
    expect((await late.request(worker, Job({ n: 3 }), { timeout: 60_000 })).n).toBe(3);
    expect((await health()).status).toBe(200);
    expect(told.map(([change]) => change)).toEqual(["lost", "refused", "restored"]);
    expect(told[1]?.[1]).toMatch(/auth/i);
    await runtime.dispose();
    await late.dispose();
    await host.stop();
    await server.stop();
  },
);

test.skipIf(program === undefined)("a user that may not listen: the error names the subject", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ringline-permissions-"));
  const config = join(folder, "server.conf");
  const permissions = '{ publish: ">", subscribe: { allow: "_INBOX.>" } }';
  writeFileSync(config, `authorization { users: [{ user: u, password: p, permissions: ${permissions} }] }`);
  const [remedy] = await remedies(["-c", config], [{ credentials: { user: "u", password: "p" } }]);
  expect(remedy).toContain("ringline.");
  expect(remedy).toContain("permissions");
  rmSync(folder, { recursive: true, force: true });
});
