import { fileURLToPath } from "node:url";
import { createRuntime, pipeline } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { busy, Job } from "./kernels/workers.mjs";

const modules = [fileURLToPath(new URL("kernels/workers.mjs", import.meta.url))];
const JOBS = 1200;

describe.skipIf(findServer() === undefined)("hosts that come and go while a flow runs", () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  const start = () => startHost(server.address, modules);
  function* jobs() {
    for (let n = 0; n < JOBS; n++) yield Job({ n });
  }

  test("a third one takes its share; nothing is lost, and keys keep their order", async () => {
    const hosts = [await start(), await start()];
    await using runtime = createRuntime({ backend: nats({ servers: server.address }) });
    const flow = await runtime.run(
      pipeline("joined").stage(busy, { workers: 6, by: ({ n }) => n % 24, order: "unordered", queueSize: 8 }),
    );
    const share = new Map<number, number>();
    const last = new Map<number, number>();
    let joinedAt = 0;
    let tookAt = 0;
    let outputs = 0;
    for await (const { n, process } of flow.process(jobs())) {
      share.set(process, (share.get(process) ?? 0) + 1);
      expect(last.get(n % 24) ?? -1).toBeLessThan(n);
      last.set(n % 24, n);
      if (++outputs === 200) {
        hosts.push(await start());
        joinedAt = performance.now();
      }
      if (tookAt === 0 && share.size === 3) tookAt = performance.now();
    }
    expect(outputs).toBe(JOBS);
    expect(share.size).toBe(3);
    console.log(`a third host had work after ${Math.round(tookAt - joinedAt)} ms: ${[...share.values()]}`);
    expect(runtime.deadLetters.size).toBe(0);
    await runtime.dispose();
    await Promise.all(hosts.map((host) => host.stop()));
  });

  test("one that is asked to end hands over what it runs", async () => {
    const [leaving, staying] = [await start(), await start()];
    await using runtime = createRuntime({ backend: nats({ servers: server.address }) });
    const flow = await runtime.run(pipeline("left").stage(busy, { workers: 4, queueSize: 8 }));
    const seen: number[] = [];
    let left: Promise<unknown> | undefined;
    for await (const { n } of flow.process(jobs())) {
      seen.push(n);
      if (seen.length === 200) left = leaving?.stop("SIGTERM");
    }
    await left;
    expect(seen).toEqual(Array.from({ length: JOBS }, (_, n) => n));
    expect(runtime.deadLetters.size).toBe(0);
    await runtime.dispose();
    await staying?.stop();
  });
});
