import { fileURLToPath } from "node:url";
import { createRuntime, isRinglineError } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Job, worker } from "./kernels/workers.mjs";

const modules = [fileURLToPath(new URL("kernels/workers.mjs", import.meta.url))];
/** Number of hosts that are killed in the middle of traffic. */
const KILLS = Number(process.env["RINGLINE_TRIALS"] ?? 3);
const JOBS = 200;

describe.skipIf(findServer() === undefined)("hosts that are killed", () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  test(`${KILLS} kills under traffic: every output comes once`, { timeout: 30_000 + KILLS * 5000 }, async () => {
    let victim = await startHost(server.address, modules);
    await using runtime = createRuntime({ backend: nats({ servers: server.address, hostTimeout: 500 }) });
    await runtime.launch(worker);
    await runtime.activate(worker);
    const seen: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const all = Array.from({ length: JOBS }, (_, index) => kill * JOBS + index);
      const sending = (async () => {
        for (const n of all) await runtime.send(worker, Job({ n }));
      })();
      const next = await startHost(server.address, modules);
      const killAt = Math.floor(Math.random() * JOBS);
      for (let count = 0; count < JOBS; count++) {
        if (count === killAt) await victim.stop("SIGKILL");
        seen.push((await runtime.receive(worker, { timeout: 60_000 })).n);
      }
      await sending;
      victim = next;
    }
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: KILLS * JOBS }, (_, n) => n));
    await runtime.dispose();
    await victim.stop();
  });

  test("a request that a lost host had in hand ends with why", async () => {
    const host = await startHost(server.address, modules);
    await using runtime = createRuntime({ backend: nats({ servers: server.address, hostTimeout: 500 }) });
    await runtime.launch(worker, { supervise: { restart: "never" } });
    await runtime.activate(worker);
    const asked = runtime.request(worker, Job({ n: -1 }), { timeout: 60_000 }).catch((error: unknown) => error);
    await expect.poll(async () => (await runtime.telemetry("worker")).received).toBe(1);
    await host.stop("SIGKILL");
    const error = await asked;
    expect(isRinglineError(error)).toBe(true);
    expect((error as { cause?: unknown }).cause).toMatchObject({ code: "HOST_LOST" });
  });

  test("hosts that were killed a moment ago: a start waits for none of them", async () => {
    const hostTimeout = 4000;
    const living = await startHost(server.address, modules);
    await using runtime = createRuntime({ backend: nats({ servers: server.address, hostTimeout }) });
    await runtime.start(worker);
    for (let i = 0; i < 10; i++) await runtime.start(worker.as(`worker-${i}`)); // so that the others have fewer kernels
    const dead = await Promise.all(Array.from({ length: 3 }, () => startHost(server.address, modules)));
    await Promise.all(dead.map((host) => host.stop("SIGKILL")));
    const begin = performance.now();
    await runtime.start(worker.as("second"));
    expect(performance.now() - begin).toBeLessThan(hostTimeout / 2);
    await runtime.dispose();
    await living.stop();
  });

  test("one that stands still: for a moment it is waited for, for longer it is lost", async () => {
    const slow = await startHost(server.address, modules, "--host-timeout", "1000");
    await using runtime = createRuntime({ backend: nats({ servers: server.address, hostTimeout: 1000 }) });
    await runtime.start(worker);
    const lost = new Promise((resolve) => void runtime.on("restart", resolve));
    const all = Array.from({ length: 900 }, (_, n) => n);
    const seen: number[] = [];
    const take = async (count: number) => {
      while (seen.length < count) seen.push((await runtime.receive(worker, { timeout: 60_000 })).n);
    };
    for (const n of all.slice(0, 300)) await runtime.send(worker, Job({ n }));
    slow.child.kill("SIGSTOP");
    const more = Promise.all(all.slice(300).map((n) => runtime.send(worker, Job({ n }))));
    const next = await startHost(server.address, modules); // which takes some tenths of a second
    slow.child.kill("SIGCONT");
    await take(600);
    expect((await runtime.telemetry("worker")).restarts).toBe(0);
    slow.child.kill("SIGSTOP");
    for (const n of all.slice(0, 10)) await runtime.send(worker, Job({ n: 900 + n }));
    await lost;
    slow.child.kill("SIGCONT"); // what it still does has no effect
    await take(910);
    await more;
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 910 }, (_, n) => n));
    await runtime.dispose();
    await Promise.all([slow.stop(), next.stop()]);
  });

  test("clocks that are wrong: deadlines are kept", async () => {
    for (const hours of [-1, 1]) {
      const shift = `const now = Date.now; Date.now = () => now() + ${hours * 3_600_000};`;
      process.env["NODE_OPTIONS"] = `--import data:text/javascript,${encodeURIComponent(shift)}`;
      const host = await startHost(server.address, modules).finally(() => {
        delete process.env["NODE_OPTIONS"];
      });
      await using runtime = createRuntime({ backend: nats({ servers: server.address }) });
      await runtime.launch(worker);
      const late = new Promise<string>((resolve) => void runtime.on("deadLetter", ({ reason }) => resolve(reason)));
      await runtime.send(worker, Job({ n: 1 }, { expiresIn: 60_000 }));
      await runtime.send(worker, Job({ n: 2 }, { expiresIn: 1 }));
      await new Promise((resolve) => setTimeout(resolve, 5));
      await runtime.activate(worker);
      expect((await runtime.receive(worker, { timeout: 60_000 })).n).toBe(1);
      expect(await late).toBe("EXPIRED");
      await runtime.dispose();
      await host.stop();
    }
  });
});
