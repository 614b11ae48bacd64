import { fileURLToPath } from "node:url";
import { createRuntime } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Ask, first, second, square, X } from "./kernels/cores.mjs";

const modules = [fileURLToPath(new URL("kernels/cores.mjs", import.meta.url))];

describe.skipIf(findServer() === undefined)("where a host runs its kernels", () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  test("--threads 2: each of two kernels has a thread, and a lost thread is another one soon", async () => {
    const host = await startHost(server.address, modules, "--threads", "2", "--prefix", "threads");
    await using runtime = createRuntime({ backend: nats({ servers: server.address, prefix: "threads" }) });
    const kernels = [await runtime.start(first), await runtime.start(second)] as const;
    const ask = (kernel: (typeof kernels)[number], fault = false) =>
      kernel.request(Ask({ fault }), { timeout: 60_000 });
    const [one, two] = [await ask(kernels[0]), await ask(kernels[1])];
    expect(one.process).toBe(host.child.pid);
    expect(two.process).toBe(host.child.pid);
    expect(one.thread).not.toBe(two.thread);

    await ask(kernels[0], true);
    await expect.poll(async () => (await ask(kernels[0])).thread).not.toBe(one.thread);
    expect((await ask(kernels[1])).thread).toBe(two.thread);
    await runtime.dispose();
    await host.stop();
    expect(host.child.exitCode).toBe(0);
  }, 40_000);

  test("--backend webgpu: compute kernels run on its device", async () => {
    const host = await startHost(server.address, modules, "--backend", "webgpu", "--prefix", "device");
    await using runtime = createRuntime({ backend: nats({ servers: server.address, prefix: "device" }) });
    const kernel = await runtime.start(square);
    const numbers = Array.from({ length: 500 }, (_, n) => n);
    const sending = (async () => {
      for (const x of numbers) await kernel.send(X({ x }));
    })();
    const seen: number[] = [];
    for (const _ of numbers) seen.push((await kernel.receive({ timeout: 60_000 })).x);
    await sending;
    expect(seen).toEqual(numbers.map((x) => x * x));
    const { device } = await runtime.telemetry("square");
    expect(device?.dispatches).toBeGreaterThan(0);
    await runtime.dispose();
    await host.stop();
  }, 40_000);

  test("what keeps it from starting is said, with what to do", async () => {
    await expect(startHost("127.0.0.1:1", modules)).rejects.toThrow(/nats.*cannot start.*nats-server/is);
    await expect(startHost("127.0.0.1:1", modules, "--threads", "2")).rejects.toThrow(/cannot start.*nats-server/is);
    await expect(startHost(server.address, modules, "--backend", "cloud")).rejects.toThrow(/one of in-process/);
  }, 20_000);
});
