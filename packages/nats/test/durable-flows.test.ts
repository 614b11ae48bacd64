import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { createRuntime, pipeline } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { echo, Job, worker } from "./kernels/workers.mjs";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const modules = [here("kernels/workers.mjs")];
/** How many programs and hosts are killed. */
const KILLS = Number(process.env["RINGLINE_TRIALS"] ?? 4);
const COUNT = 2000 * (KILLS + 1);

describe.skipIf(findServer() === undefined)("durable edges", () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let folder: string;
  beforeAll(async () => {
    server = await startServer();
    folder = mkdtempSync(join(tmpdir(), "ringline-durable-"));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test(`${KILLS} programs and hosts killed: output complete, nothing made twice`, {
    timeout: 60_000 + KILLS * 10_000,
  }, async () => {
    const [outputs, progress] = [join(folder, "outputs"), join(folder, "progress")];
    writeFileSync(outputs, "");
    writeFileSync(progress, "");
    const lines = () => readFileSync(outputs, "utf8").split("\n").slice(0, -1);
    let host = await startHost(server.address, modules);
    for (let kill = 0; kill <= KILLS; kill++) {
      const program = spawn(
        process.execPath,
        [here("programs/durable.mjs"), server.address, String(COUNT), outputs, progress],
        {
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
      const ended = once(program, "exit");
      if (kill === KILLS) {
        expect(await ended).toEqual([0, null]);
        break;
      }
      const before = lines().length;
      const until = before + 50 + Math.floor(Math.random() * 400);
      await expect.poll(() => lines().length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(until);
      if (kill % 2 === 0) {
        const next = await startHost(server.address, modules);
        await host.stop("SIGKILL");
        host = next;
      }
      program.kill("SIGKILL");
      await ended;
    }
    await host.stop();
    const ids = new Map<string, string>();
    for (const line of lines()) {
      const [id, n] = line.split(" ") as [string, string];
      expect(ids.get(id) ?? n).toBe(n);
      ids.set(id, n);
    }
    // every input has one output: it has the same id whichever program made it
    expect([...ids.values()].map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, n) => n));
    // what a program had read when it was killed, and could not say so any more, comes once more, under its id
    expect(lines().length - COUNT).toBeLessThan(KILLS * 1000);
  });

  test("a message larger than a frame comes again whole", { timeout: 20_000 }, async () => {
    const host = await startHost(server.address, modules);
    const text = "ringline ".repeat(300_000);
    const backend = nats({ servers: server.address });
    const first = createRuntime({ backend });
    // a negative one never ends
    const stuck = await first.run(pipeline("large").stage(worker, { durable: true }));
    for (const n of [-1, 1]) await stuck.send(Job({ n, text } as never));
    await first.dispose({ timeout: 50 });
    await using second = createRuntime({ backend });
    const seen: (readonly [number, boolean])[] = [];
    const flow = await second.run(pipeline("large").stage(echo, { name: "worker", durable: true }));
    for (let i = 0; i < 2; i++) {
      const { n, text: again } = (await flow.receive({ timeout: 10_000 })) as { n: number; text?: string };
      seen.push([n, again === text]);
    }
    expect(seen).toEqual([
      [-1, true],
      [1, true],
    ]);
    await second.dispose();
    await host.stop();
  });

  test("a server that has no room: the flow says so, waits, and goes on when there is some", {
    timeout: 20_000,
  }, async () => {
    const host = await startHost(server.address, modules);
    await using runtime = createRuntime({ backend: nats({ servers: server.address }) });
    const told: string[] = [];
    runtime.on("error", ({ code }) => told.push(code));
    const client = await connect({ servers: server.address });
    const manager = await jetstreamManager(client);
    const config = {
      name: "ringline-flow-full",
      subjects: ["ringline.flow.full"],
      max_bytes: 2000,
      discard: "new",
    } as const;
    await manager.streams.add({ ...config, discard: "new" });
    const flow = await runtime.run(pipeline("full").stage(worker, { durable: true }));
    const sent = flow.send(Job({ n: 1, text: "x".repeat(4000) } as never));
    await expect.poll(() => told).toContain("BACKEND_UNAVAILABLE");
    await manager.streams.update("ringline-flow-full", { max_bytes: 1_000_000 });
    await sent;
    expect((await flow.receive({ timeout: 5000 })).n).toBe(1);
    expect(told).toHaveLength(1);
    await client.close();
    await runtime.dispose();
    await host.stop();
  });

  test("a server without JetStream: the error says what to do", { timeout: 20_000 }, async () => {
    const plain = await startServer({ jetStream: false });
    await using runtime = createRuntime({ backend: nats({ servers: plain.address }) });
    const error = await runtime
      .run(pipeline("none").stage(worker, { durable: true }))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "BACKEND_UNAVAILABLE", remedy: expect.stringContaining("nats-server -js") });
    await runtime.dispose();
    await plain.stop();
  });

  test("a second program takes the flow over, and the first one is told", { timeout: 20_000 }, async () => {
    const host = await startHost(server.address, modules);
    const line = pipeline("taken").stage(worker, { durable: true });
    const program = () => createRuntime({ backend: nats({ servers: server.address }) });
    await using first = program();
    await using second = program();
    const told: string[] = [];
    first.on("error", ({ code }) => told.push(code));
    const mine = await first.run(line);
    await mine.send(Job({ n: 1 }));
    expect((await mine.receive()).n).toBe(1);
    const theirs = await second.run(line);
    const late = await mine.send(Job({ n: 2 })).catch((error: { code: string }) => error.code);
    expect(late).toBe("FLOW_TAKEN");
    expect(told).toContain("FLOW_TAKEN");
    await theirs.send(Job({ n: 3 }));
    expect((await theirs.receive()).n).toBe(3);
    await first.dispose();
    await second.dispose();
    await host.stop();
  });
});
