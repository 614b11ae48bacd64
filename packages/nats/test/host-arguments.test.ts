import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { errors } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { describe, expect, test } from "vitest";

const modules = [fileURLToPath(new URL("kernels/workers.mjs", import.meta.url))];
const PASSWORD = "s3cr3t-of-mine";

/** Returns the output of a host that does not start. */
const said = (address: string, ...more: readonly string[]) =>
  startHost(address, modules, ...more).then(
    () => "is ready",
    ({ message }: Error) => message,
  );

test.each([
  ["--health-port", "70000"],
  ["--health-port", "0"],
  ["--health-port", "-1"],
  ["--threads", "1e9"],
  ["--threads", "2000"],
  ["--threads", "two"],
  ["--grace", "99999999999"],
  ["--host-timeout", "5"],
  ["--host-timeout", "1e99"],
  ["--servers", "127.0.0.1:99999"],
  ["--servers", "a b"],
  ["--prefix", "a.b"],
  ["--labels", "x".repeat(300)],
  ["--backend", "gpu"],
  ["--module", "no-such-file.js"],
  ["--credentials", "no-such-file"],
  ["--nkey", "no-such-file"],
  ["--tls-ca", "no-such-file"],
  ["--no-such-option", "1"],
])("%s %s: a line that names the option, usage, and exit code 2", async (option, value) => {
  const text = await said("127.0.0.1:1", `${option}=${value}`);
  expect(text).toContain("ended with 2");
  expect(text).toContain(option.slice(2));
  expect(text).toContain("Usage: ringline-host");
  expect(text).not.toMatch(/^\s+at /m);
});

describe.skipIf(findServer() === undefined)("with a server", () => {
  test("a health port that is in use ends the host before it starts", async () => {
    const server = await startServer();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const text = await said(server.address, "--health-port", String(port));
    expect(text).toContain("ended with 2");
    expect(text).toContain(`--health-port ${port}`);
    other.close();
    await server.stop();
  });

  test("a user in the address of the server is who the host is", async () => {
    const server = await startServer({ args: ["--user", "user", "--pass", PASSWORD] });
    const host = await startHost(`nats://user:${PASSWORD}@${server.address}`, modules);
    await host.stop();
    for (const wrong of [`user:${PASSWORD}x`, PASSWORD]) {
      const text = await said(`nats://${wrong}@${server.address}`);
      expect(text).toContain("`credentials`");
      expect(text).not.toContain(PASSWORD);
    }
    await server.stop();
  });
});

test.each([`nats://user:${PASSWORD}@127.0.0.1:1`, `${PASSWORD}@127.0.0.1:1`, `user:${PASSWORD}@127.0.0.1:999999`])(
  "what a host prints holds no password: %#",
  async (address) => {
    const text = await said(address);
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toBe("is ready");
  },
);

test.each([
  { servers: `nats://user:${PASSWORD}@host:999999` },
  { servers: [`user:${PASSWORD}@one`, "other:pass@two"] },
  { servers: `user:${PASSWORD}@one`, credentials: { token: PASSWORD } },
  { credentials: { user: "user", pass: PASSWORD } },
  { credentials: { user: "user", password: PASSWORD, token: PASSWORD } },
  { credentials: PASSWORD },
  { credentials: { token: [PASSWORD] } },
])("errors of options hold no password: %#", (options) => {
  let thrown: unknown;
  try {
    nats(options as never);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(errors.INVALID_ARGUMENT);
  const { message, details, remedy } = thrown as InstanceType<typeof errors.INVALID_ARGUMENT>;
  expect(JSON.stringify([message, details, remedy])).not.toContain(PASSWORD);
});
