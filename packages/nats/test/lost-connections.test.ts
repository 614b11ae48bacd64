import { fileURLToPath } from "node:url";
import { createRuntime } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { describe, expect, test } from "vitest";
import { Job, worker } from "./kernels/workers.mjs";
import { openLink } from "./link.mjs";

const modules = [fileURLToPath(new URL("kernels/workers.mjs", import.meta.url))];
/** Number of times that the connection is cut in the middle of traffic. */
const CUTS = Number(process.env["RINGLINE_TRIALS"] ?? 5);
const JOBS = 2000;

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => from + n);

interface Running {
  send(to: typeof worker, job: ReturnType<typeof Job>): Promise<void>;
  receive(from: typeof worker, wait: { timeout: number }): Promise<{ readonly n: number }>;
}

/** Sends jobs and takes what comes back; `at` happens when so many have come. */
async function traffic(runtime: Running, jobs: readonly number[], at: number, happens: () => unknown) {
  const sending = (async () => {
    for (const n of jobs) await runtime.send(worker, Job({ n }));
  })();
  const seen: number[] = [];
  let happened: unknown;
  for (let count = 0; count < jobs.length; count++) {
    if (count === at) happened = happens();
    seen.push((await runtime.receive(worker, { timeout: 60_000 })).n);
  }
  await sending;
  await happened;
  return seen;
}

describe.skipIf(findServer() === undefined)("connections that are lost", () => {
  test("a server that is started again: nothing is lost, nothing comes twice", async () => {
    const first = await startServer();
    const host = await startHost(first.address, modules);
    await using runtime = createRuntime({ backend: nats({ servers: first.address }) });
    const changes: string[] = [];
    runtime.on("connection", ({ change }) => changes.push(change));
    await runtime.start(worker);
    let second: typeof first | undefined;
    const seen = await traffic(runtime, numbers(JOBS), JOBS / 2, async () => {
      await first.stop("SIGKILL");
      second = await startServer({ port: first.port });
    });
    expect(seen).toEqual(numbers(JOBS));
    expect(changes).toEqual(["lost", "restored"]);
    expect((await runtime.telemetry("worker")).restarts).toBe(0);
    await runtime.dispose();
    await host.stop();
    await second?.stop();
  });

  test(`a link that is cut and healed ${CUTS} times under traffic`, { timeout: 40_000 + CUTS * 5000 }, async () => {
    const server = await startServer();
    const link = await openLink(server.port);
    const host = await startHost(link.address, modules);
    await using runtime = createRuntime({ backend: nats({ servers: server.address }) });
    await runtime.start(worker);
    for (let cut = 0; cut < CUTS; cut++) {
      const jobs = numbers(JOBS / 4, (cut * JOBS) / 4);
      const seen = await traffic(runtime, jobs, Math.floor(Math.random() * jobs.length), () => {
        link.cut();
        setTimeout(link.heal, 50 * Math.random());
      });
      expect(seen).toEqual(jobs);
    }
    expect((await runtime.telemetry("worker")).restarts).toBe(0);
    await runtime.dispose();
    await host.stop();
    await link.close();
    await server.stop();
  });

  test("a host that is cut off for too long is lost; healed, it is used again", async () => {
    const server = await startServer();
    const link = await openLink(server.port);
    const host = await startHost(link.address, modules, "--host-timeout", "500");
    await using runtime = createRuntime({ backend: nats({ servers: server.address, hostTimeout: 500 }) });
    await runtime.start(worker);
    const restarts: number[] = [];
    runtime.on("restart", ({ attempt }) => restarts.push(attempt));
    const other = await startHost(server.address, modules, "--host-timeout", "500", "--grace", "100");
    const seen = await traffic(runtime, numbers(JOBS), JOBS / 2, () => link.cut());
    expect(seen.sort((a, b) => a - b)).toEqual(numbers(JOBS));
    expect(restarts).toEqual([1]);
    link.heal();
    await other.stop(); // its kernel moves when the grace period is over
    const again = await traffic(runtime, numbers(10), 0, () => {});
    expect(again).toEqual(numbers(10));
    await runtime.dispose();
    await host.stop();
    await link.close();
    await server.stop();
  });
});
