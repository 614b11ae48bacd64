import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { createRuntime, defineKernel, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { nats } from "@ringline/nats";
import { findServer, startHost, startServer } from "@ringline/nats/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { echo, Job, worker } from "./kernels/workers.mjs";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const modules = [here("kernels/workers.mjs")];
/** Number of programs and hosts that are killed. */
const KILLS = Number(process.env["RINGLINE_TRIALS"] ?? 4);
const COUNT = 2000 * (KILLS + 1);
/** Number of times that a flow is taken over. */
const TAKES = Number(process.env["RINGLINE_TRIALS"] ?? 8);
/** Runs in the program. */
const pass = defineKernel({ id: "pass", input: Job, output: Job, handle: ({ n }) => Job({ n }) });

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

  const local = (servers = server.address) =>
    createRuntime({ backends: { main: inProcess(), server: nats({ servers }) } });

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
      await expect.poll(() => lines().length, { interval: 5 }).toBeGreaterThan(until);
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

  test("a message larger than a frame comes again whole", async () => {
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
      const { n, text: again } = (await flow.receive({ timeout: 60_000 })) as { n: number; text?: string };
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
    const config = { name: "ringline-flow-full", subjects: ["ringline.flow.full"], max_bytes: 2000 };
    await manager.streams.add({ ...config, discard: "new" });
    const flow = await runtime.run(pipeline("full").stage(worker, { durable: true }));
    const sent = flow.send(Job({ n: 1, text: "x".repeat(4000) } as never));
    await expect.poll(() => told).toContain("BACKEND_UNAVAILABLE");
    await manager.streams.update("ringline-flow-full", { max_bytes: 1_000_000 });
    await sent;
    expect((await flow.receive({ timeout: 60_000 })).n).toBe(1);
    expect(told).toHaveLength(1);
    await client.close();
    await runtime.dispose();
    await host.stop();
  });

  test("a server without JetStream: the error says what to do", async () => {
    const plain = await startServer({ jetStream: false });
    await using runtime = createRuntime({ backend: nats({ servers: plain.address }) });
    const error = await runtime
      .run(pipeline("none").stage(worker, { durable: true }))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "BACKEND_UNAVAILABLE", remedy: expect.stringContaining("nats-server -js") });
    await runtime.dispose();
    await plain.stop();
  });

  test("a second program takes the flow over: the first one is told, and reads nothing more", {
    timeout: 20_000,
  }, async () => {
    await using first = local();
    await using second = local();
    const told: string[] = [];
    first.on("error", ({ code }) => told.push(code));
    const line = pipeline("taken").stage(pass, { durable: true });
    const mine = await first.run(line);
    for (let n = 0; n < 5; n++) await mine.send(Job({ n }));
    const seen = [(await mine.receive()).n];
    await expect.poll(async () => (await first.inspect()).flows[0]?.unread).toBe(4);
    const waiting = first.run(pipeline("other").stage(pass, { durable: true })); // another flow goes on
    const theirs = await second.run(line);
    expect(told).toEqual(["FLOW_TAKEN"]);
    const codeOf = ({ code }: { readonly code: string }) => code;
    expect(await mine.receive({ timeout: 60_000 }).catch(codeOf)).toBe("FLOW_TAKEN");
    expect(await mine.send(Job({ n: 5 })).catch(codeOf)).toBe("FLOW_TAKEN");
    expect(await mine.request(Job({ n: 5 })).catch(codeOf)).toBe("FLOW_TAKEN");
    for (let i = 0; i < 4; i++) seen.push((await theirs.receive({ timeout: 60_000 })).n);
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4]);
    expect(await theirs.receive({ timeout: 200 }).catch(codeOf)).toBe("TIMEOUT");
    await (await waiting).send(Job({ n: 6 }));
    expect((await (await waiting).receive()).n).toBe(6);
  });

  test(`${TAKES} programs in turn under traffic: every output comes once over all of them`, {
    timeout: 60_000,
  }, async () => {
    const line = pipeline("rolling").stage(pass, { durable: true });
    const seen: number[] = [];
    const runtimes = [];
    let next = 0;
    for (let take = 0; take <= TAKES; take++) {
      const runtime = local();
      runtime.on("error", () => {});
      runtimes.push(runtime);
      const flow = await runtime.run(line);
      void (async () => {
        for await (const { n } of flow) seen.push(n);
      })().catch(() => {});
      // the same job again where it is not known whether it is kept: it is done once
      for (const end = next + 200; next < end; next++) await flow.send(Job({ n: next }, { key: String(next) }));
    }
    await expect.poll(() => new Set(seen).size).toBe(next);
    expect(seen).toHaveLength(next);
    for (const runtime of runtimes) await runtime.dispose();
  });

  test("messages with the same key are accepted once, by the next program, too", async () => {
    const line = pipeline("shop").stage(pass, { durable: true });
    const order = () => Job({ n: 7 }, { key: "order 7" });
    for (const outputs of [1, 0]) {
      await using runtime = local();
      const flow = await runtime.run(line);
      for (let i = 0; i < 3; i++) await flow.send(order());
      for (let i = 0; i < outputs; i++) expect((await flow.receive({ timeout: 60_000 })).n).toBe(7);
      await expect(flow.receive({ timeout: 300 })).rejects.toMatchObject({ code: "TIMEOUT" });
      await flow.send(Job({ n: 8 }, { key: `order 8 ${outputs}` }));
      expect((await flow.receive({ timeout: 60_000 })).n).toBe(8);
    }
  });

  test("a store that is full: senders are told, and all goes on once what is done is trimmed", {
    timeout: 60_000,
  }, async () => {
    const config = join(folder, "full.conf");
    writeFileSync(config, `jetstream { store_dir: "${folder}", max_file_store: 4MB, max_memory_store: 4MB }\n`);
    const small = await startServer({ jetStream: false, args: ["-c", config] });
    const runtime = local(small.address);
    const told: unknown[] = [];
    runtime.on("error", ({ code }) => told.push(code));
    const line = pipeline("full").stage(pass, { durable: true });
    const flow = await runtime.run(line);
    const text = "z".repeat(200_000);
    const refused: string[] = [];
    const accepted: number[] = [];
    for (let n = 0; n < 60 && refused.length < 3; n++) {
      const sent = flow.send(Job({ n, text } as never), { timeout: 500 });
      await sent.then(
        () => accepted.push(n),
        ({ code }) => refused.push(code),
      );
    }
    expect(refused).toHaveLength(3); // nothing was read
    expect(refused[0]).toBe("IN_DOUBT");
    expect(refused.slice(1)).toEqual(["TIMEOUT", "TIMEOUT"]);
    expect(new Set(told)).toEqual(new Set(["BACKEND_UNAVAILABLE"]));
    const seen: number[] = [];
    while (seen.length < accepted.length) seen.push((await flow.receive({ timeout: 60_000 })).n);
    expect(seen).toEqual(accepted);
    await flow.send(Job({ n: 999 }), { timeout: 60_000 });
    await runtime.dispose();
    const next = local(small.address);
    const again = await next.run(line);
    const left = [(await again.receive({ timeout: 60_000 })).n, (await again.receive({ timeout: 60_000 })).n];
    expect(left).toEqual([accepted.length, 999]); // what was in doubt is done, what timed out is not
    await next.dispose();
    await small.stop();
  });

  test("a stream that is deleted: told, and what is not done is written again", async () => {
    const client = await connect({ servers: server.address });
    const manager = await jetstreamManager(client);
    const line = pipeline("deleted").stage(pass, { durable: true });
    const first = local();
    const told: string[] = [];
    first.on("error", (error) => told.push(`${error.code} ${(error.cause as Error)?.message}`));
    const flow = await first.run(line);
    for (let n = 0; n < 3; n++) await flow.send(Job({ n }));
    expect((await flow.receive()).n).toBe(0);
    await manager.streams.delete("ringline-flow-deleted");
    await flow.send(Job({ n: 3 }), { timeout: 60_000 });
    expect(told.join()).toContain("BACKEND_UNAVAILABLE the stream ringline-flow-deleted was deleted");
    await first.dispose();
    await using second = local();
    const again = await second.run(line);
    const left: number[] = [];
    for (let i = 0; i < 3; i++) left.push((await again.receive({ timeout: 60_000 })).n);
    expect(left.sort()).toEqual([1, 2, 3]);
    await client.close();
  });

  test("records that a stranger puts into the stream are passed over, now and by the next program", {
    timeout: 30_000,
  }, async () => {
    const client = await connect({ servers: server.address });
    const line = pipeline("foreign").stage(pass, { durable: true });
    const foreign = [
      "",
      "no frame",
      new Uint8Array(1000),
      new Uint8Array([1, 3, 9]),
      new Uint8Array([1, 3, 255, 15, 34]),
    ];
    const disturb = async () => {
      for (const one of foreign) client.publish("ringline.flow.foreign", one);
      for (const one of foreign) client.publish("ringline.take.foreign", one, { reply: "somewhere" });
      await client.flush();
    };
    for (const [from, outputs] of [
      [0, [0, 1]],
      [4, [2, 3, 4, 5]],
    ] as const) {
      const runtime = local();
      const told: string[] = [];
      runtime.on("error", ({ code }) => told.push(code));
      await disturb();
      const flow = await runtime.run(line);
      for (let n = from; n < from + 4; n++) {
        await disturb();
        await flow.send(Job({ n }), { timeout: 60_000 });
      }
      for (const n of outputs) expect((await flow.receive({ timeout: 60_000 })).n).toBe(n);
      expect(told).not.toContain("FLOW_TAKEN");
      await runtime.dispose();
    }
    await client.close();
  });

  test("a server that comes back without JetStream, and then with it: told, waited for, and nothing lost", {
    timeout: 40_000,
  }, async () => {
    const store = join(folder, "store");
    const start = (port?: number, more = ["-js", "-sd", store]) =>
      startServer({ ...(port !== undefined && { port }), jetStream: false, args: more });
    let away = await start();
    const { port, address } = away;
    await using runtime = local(address);
    const told: string[] = [];
    runtime.on("error", ({ code }) => told.push(code));
    runtime.on("connection", () => {});
    const flow = await runtime.run(pipeline("without").stage(pass, { durable: true }));
    await flow.send(Job({ n: 0 }));
    await away.stop();
    away = await start(port, []);
    const late = flow.send(Job({ n: 1 }));
    await expect.poll(() => told).toContain("BACKEND_UNAVAILABLE");
    await away.stop();
    away = await start(port);
    await late;
    expect([(await flow.receive()).n, (await flow.receive()).n]).toEqual([0, 1]);
    await runtime.dispose();
    await away.stop();
  });
});
