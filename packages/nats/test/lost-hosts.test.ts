import { fileURLToPath } from "node:url";
import { createRuntime, isRinglineError } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Job, worker } from "./kernels/workers.mjs";

const modules = [fileURLToPath(new URL("kernels/workers.mjs", import.meta.url))];
/** How many hosts are killed in the middle of traffic. */
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
        seen.push((await runtime.receive(worker, { timeout: 10_000 })).n);
      }
      await sending;
      victim = next;
    }
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: KILLS * JOBS }, (_, n) => n));
    await runtime.dispose();
    await victim.stop();
  });

  test("a request that a lost host had in hand ends with why", { timeout: 20_000 }, async () => {
    const host = await startHost(server.address, modules);
    await using runtime = createRuntime({ backend: nats({ servers: server.address, hostTimeout: 500 }) });
    await runtime.launch(worker, { supervise: { restart: "never" } });
    await runtime.activate(worker);
    const asked = runtime.request(worker, Job({ n: -1 }), { timeout: 10_000 }).catch((error: unknown) => error);
    await expect.poll(async () => (await runtime.telemetry("worker")).received).toBe(1);
    await host.stop("SIGKILL");
    const error = await asked;
    expect(isRinglineError(error)).toBe(true);
    expect(JSON.stringify(error)).toContain("HOST_LOST");
  });
});
