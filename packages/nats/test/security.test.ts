import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect, nkeys } from "@nats-io/transport-node";
import { createRuntime } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../src/testing/child.js";
import { Job, worker } from "./kernels/workers.mjs";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const modules = [here("kernels/workers.mjs")];
type Options = NonNullable<Parameters<typeof nats>[0]>;

describe.skipIf(findServer() === undefined)("who may speak", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ringline-security-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => {
    for (const name of ["USER", "PASSWORD", "TOKEN"]) delete process.env[`RINGLINE_NATS_${name}`];
  });

  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  /** A server with this configuration: a host and a runtime that say who they are reach each other, a runtime that does not is refused. */
  async function reaches(
    config: string,
    mine: Omit<Options, "servers">,
    host: readonly string[],
    wrong: Omit<Options, "servers">,
  ) {
    const server = await startServer({ args: ["-c", file("server.conf", config)] });
    const started = await startHost(server.address, modules, ...host);
    await using runtime = createRuntime({ backend: nats({ servers: server.address, ...mine }) });
    await runtime.start(worker);
    expect((await runtime.request(worker, Job({ n: 7 }), { timeout: 60_000 })).n).toBe(7);
    for (const options of [wrong, {}]) {
      await using stranger = createRuntime({
        backend: nats({ servers: server.address, hostTimeout: 500, ...options }),
      });
      const error = await stranger.start(worker).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "BACKEND_UNAVAILABLE", remedy: expect.stringContaining(server.address) });
    }
    await runtime.dispose();
    await started.stop();
    await server.stop();
  }

  test("user and password", async () => {
    process.env["RINGLINE_NATS_USER"] = "ringline";
    process.env["RINGLINE_NATS_PASSWORD"] = "secret";
    const credentials = { user: "ringline", password: "secret" };
    const wrong = { credentials: { user: "ringline", password: "guessed" } };
    await reaches(`authorization { user: ringline, password: secret }`, { credentials }, [], wrong);
  });

  test("a token", async () => {
    process.env["RINGLINE_NATS_TOKEN"] = "secret";
    await reaches(`authorization { token: secret }`, { credentials: { token: "secret" } }, [], {
      credentials: { token: "guessed" },
    });
  });

  test("an nkey", async () => {
    const [user, other] = [nkeys.createUser(), nkeys.createUser()];
    const seed = (pair: typeof user) => new TextDecoder().decode(pair.getSeed());
    const config = `authorization { users: [{ nkey: ${user.getPublicKey()} }] }`;
    const host = ["--nkey", file("seed.nk", `${seed(user)}\n`)];
    await reaches(config, { credentials: { nkey: seed(user) } }, host, { credentials: { nkey: seed(other) } });
  });

  test("TLS, with certificates on both sides", async () => {
    const make = (name: string, ...more: string[]) => {
      const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
      const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
      execFileSync(
        "openssl",
        [
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:prime256v1",
          "-nodes",
          "-days",
          "2",
          "-keyout",
          key,
          "-out",
          cert,
          ...subject,
          ...more,
        ],
        { stdio: "ignore" },
      );
      return { key, cert };
    };
    const [server, client, other] = [make("server"), make("client"), make("other")];
    const config = `tls { cert_file: "${server.cert}", key_file: "${server.key}", ca_file: "${client.cert}", verify: true }`;
    const tls = { caFile: server.cert, certFile: client.cert, keyFile: client.key };
    const host = ["--tls-ca", server.cert, "--tls-cert", client.cert, "--tls-key", client.key];
    await reaches(config, { tls }, host, { tls: { caFile: server.cert, certFile: other.cert, keyFile: other.key } });
  });

  test("what is none of ours is refused and counted; another prefix is another system", {
    timeout: 20_000,
  }, async () => {
    const server = await startServer();
    const port = await freePort();
    const host = await startHost(server.address, modules, "--health-port", String(port));
    const client = await connect({ servers: server.address });
    const ofAnotherRelease = Uint8Array.from([0x52, 0x4c, 99, ...new Uint8Array(40)]);
    const noise = [
      new Uint8Array(0),
      new Uint8Array(40),
      Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 256),
      ofAnotherRelease,
    ];
    for (const bytes of noise) client.publish(`ringline.to.${host.name}.somebody`, bytes);
    client.publish("ringline.hosts", "no json");
    client.publish("ringline.hosts", JSON.stringify({ host: 1 }));
    await client.flush();
    const health = async () => (await fetch(`http://127.0.0.1:${port}`)).json() as Promise<{ refusedFrames: number }>;
    await expect.poll(async () => (await health()).refusedFrames).toBe(noise.length);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain(`ringline_host_refused_frames_total{host="${host.name}"} ${noise.length}\n`);
    await using runtime = createRuntime({ backend: nats({ servers: server.address }) });
    await runtime.start(worker);
    expect((await runtime.request(worker, Job({ n: 1 }), { timeout: 60_000 })).n).toBe(1);
    await using other = createRuntime({
      backend: nats({ servers: server.address, prefix: "other", hostTimeout: 200 }),
    });
    const error = await other.start(worker).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "BACKEND_UNAVAILABLE" });
    await client.close();
    await runtime.dispose();
    await host.stop();
    await server.stop();
  });

  test("a host runs the kernels of its modules, and no others", async () => {
    const server = await startServer();
    const host = await startHost(server.address, [here("kernels/cores.mjs")]);
    await using runtime = createRuntime({ backend: nats({ servers: server.address }) });
    const error = await runtime.start(worker).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "MODULE_MISSING", kernelId: "worker" });
    await runtime.dispose();
    await host.stop();
    await server.stop();
  });
});
