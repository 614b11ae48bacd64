import { fileURLToPath } from "node:url";
import { createRuntime, pipeline, traceOf } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { describe, expect, test } from "vitest";
import { Job, worker } from "./kernels/workers.mjs";

const modules = [fileURLToPath(new URL("kernels/workers.mjs", import.meta.url))];
const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe.skipIf(findServer() === undefined)("what a message belongs to", () => {
  test("goes along to hosts and back, through links, flows and durable edges", async () => {
    const server = await startServer();
    const host = await startHost(server.address, modules);
    await using runtime = createRuntime({ backend: nats({ servers: server.address }) });
    const [first, second] = [await runtime.start(worker), await runtime.start(worker.as("second"))];
    await runtime.connect(first, second);
    await runtime.send(first, Job({ n: 1 }, { trace: TRACE }));
    expect(traceOf(await runtime.receive(second, { timeout: 60_000 }))).toBe(TRACE);
    for (const durable of [false, true]) {
      const line = pipeline(`traced-${durable}`).stage(worker, { name: "a", durable }).stage(worker, { name: "b" });
      const flow = await runtime.run(line);
      await flow.send(Job({ n: 2 }, { trace: TRACE }));
      expect(traceOf(await flow.receive({ timeout: 60_000 }))).toBe(TRACE);
    }
    await runtime.dispose();
    await host.stop();
    await server.stop();
  });
});
