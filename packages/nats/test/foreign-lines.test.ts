import { fileURLToPath } from "node:url";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { createRuntime, type KernelHandle } from "@ringline/core";
import { nats } from "@ringline/nats";
import { findServer, type StartedHost, startHost, startServer } from "@ringline/nats/testing";
import { packValue } from "@ringline/remote";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../src/testing/child.js";
import { Job, worker } from "./kernels/workers.mjs";

const modules = [fileURLToPath(new URL("kernels/workers.mjs", import.meta.url))];
/** Lines of forged runtimes that the fuzz test makes of real ones. */
const FORGED = 40 * Number(process.env["RINGLINE_TRIALS"] ?? 5);

/** A control as a frame has it. */
const control = (value: unknown) => {
  const bytes = packValue(value);
  return [0, bytes.length, ...bytes];
};
const oddBodies: Readonly<Record<string, readonly number[]>> = {
  "an unknown word": control({ k: "shout", unit: 1 }),
  "a word that every object has": control({ k: "__proto__", unit: 1 }),
  "an answer to nobody": control({ k: "answer", id: 1, asked: "a", name: "a", message: null }),
  "a question for what every object has": control({ k: "call", id: 1, control: { k: "__proto__" } }),
  "a number in the place of a control": control(2),
  "a shape with a name that no message has": control({ k: "shapes", list: [{ type: "Job", keys: ["__proto__"] }] }),
  "an item of no kind": [9, 1, 1],
  noise: Array.from({ length: 200 }, (_, i) => (i * 151 + 7) % 256),
};

describe.skipIf(findServer() === undefined)("what others say on the server", () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let host: StartedHost;
  let stranger: NatsConnection;
  let healthPort: number;
  beforeAll(async () => {
    server = await startServer();
    healthPort = await freePort();
    host = await startHost(server.address, modules, "--health-port", String(healthPort));
    stranger = await connect({ servers: server.address });
  });
  afterAll(async () => {
    await stranger.close();
    await host.stop();
    await server.stop();
  });

  const program = () => {
    const runtime = createRuntime({ backend: nats({ servers: server.address, hostTimeout: 2000 }) });
    runtime.on("error", () => {});
    return runtime;
  };
  const answers = async (handle: KernelHandle<never, unknown>) => {
    const { n } = (await handle.request(Job({ n: 4 }) as never, { timeout: 60_000 })) as { n: number };
    expect(n).toBe(4);
  };
  /** Frames between these two from now on. */
  const overhear = (to: string, from: string) => {
    const frames: { readonly to: string; readonly bytes: Buffer }[] = [];
    stranger.subscribe(`ringline.to.${to}.${from}`, {
      callback: (_, { subject, data }) => {
        frames.push({ to: subject.split(".")[2] ?? "", bytes: Buffer.from(data) });
      },
    });
    return frames;
  };
  const frame = (head: Buffer, seq: number, line: number, body: readonly number[]) => {
    const bytes = Buffer.concat([head.subarray(0, 16), Buffer.from(body)]);
    bytes.writeUInt32LE(seq, 4);
    bytes.writeUInt32LE(0, 8);
    bytes.writeUInt32LE(line, 12);
    return bytes;
  };

  test("odd lines where hosts say that they are there: kernels start and answer after each", {
    timeout: 30_000,
  }, async () => {
    let real: string | undefined;
    stranger.subscribe("ringline.hosts", {
      callback: (_, message) => {
        real ??= message.string();
      },
    });
    await stranger.flush();
    await using runtime = program();
    await runtime.start(worker);
    await expect.poll(() => real).toBeDefined();
    const line = JSON.parse(real as string) as object;
    const said = (more: object) => JSON.stringify({ ...line, host: "ghost", ...more });
    const odd = [
      ...["a b", "*", ">", "a..b", "", "x".repeat(1000), 5, null, {}].map((name) => said({ host: name })),
      ...[null, "x", [], { "a b": 1 }, { one: -1 }, { one: 1e300 }, { one: "1" }].map((runtimes) => said({ runtimes })),
      ...[null, "gpu", [1], Array(1000).fill("gpu"), ["x".repeat(1000)]].map((labels) => said({ labels })),
      ...[said({ isGone: 1 }), said({ isLeaving: "no" }), said({ version: 1e9 })],
      '{"host":"ghost","__proto__":{"isGone":true}}',
      ...["{}", "null", "[]", "5", (real as string).slice(0, 20), "\u0000\u00ff", ""],
      said({}), // right, but there is no such host: it does not answer, and is not waited for
      said({ host: "__proto__", runtimes: { ["__proto__"]: 1 } }),
    ];
    for (const [i, one] of odd.entries()) {
      stranger.publish("ringline.hosts", one);
      stranger.publish("ringline.who", one);
      await stranger.flush();
      const begin = performance.now();
      await answers((await runtime.start(worker.as(`worker-${i}`))) as never);
      expect(performance.now() - begin, one).toBeLessThan(1900);
    }
  });

  test("a host of another release is named where no other fits", async () => {
    const old = { version: 4, host: "old-host", labels: [], runtimes: {}, isLeaving: false, isGone: false };
    stranger.subscribe("ringline.who", { callback: () => stranger.publish("ringline.hosts", JSON.stringify(old)) });
    await stranger.flush();
    const options = { servers: server.address, hostTimeout: 500, labels: { worker: ["nowhere"] } };
    await using runtime = createRuntime({ backend: nats(options) });
    const cause = expect.objectContaining({
      message: expect.stringMatching(/old-host has frames of version 4, .* 81/),
    });
    await expect(runtime.start(worker)).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE", cause });
  });

  test("odd frames to a host: its runtimes are answered after each, and it counts them", {
    timeout: 30_000,
  }, async () => {
    const frames = overhear(host.name, "*");
    await stranger.flush();
    await using runtime = program();
    const handle = (await runtime.start(worker)) as never;
    await answers(handle);
    await expect.poll(() => frames.length).toBeGreaterThan(0);
    const head = frames[0]?.bytes as Buffer;
    const before = (await runtime.telemetry("worker")).restarts;
    for (const [i, body] of Object.values(oddBodies).entries()) {
      stranger.publish(`ringline.to.${host.name}.stranger-${i}`, frame(head, 1, 1, body));
      const unknown = frame(head, 1, 1, body);
      unknown[3] = 77;
      stranger.publish(`ringline.to.${host.name}.${"x".repeat(200)}`, unknown);
      await stranger.flush();
      await answers(handle);
    }
    expect((await runtime.telemetry("worker")).restarts).toBe(before);
    const health = await fetch(`http://127.0.0.1:${healthPort}`);
    const counted = (await health.json()) as { refusedFrames: number; connected: boolean };
    expect(counted.refusedFrames).toBeGreaterThanOrEqual(Object.keys(oddBodies).length);
    expect(counted).toMatchObject({ connected: true, reason: null });
  });

  test(`${FORGED} lines of real frames with changed bytes: a host lives, and answers meanwhile`, {
    timeout: 60_000,
  }, async () => {
    const frames = overhear(host.name, "*");
    await stranger.flush();
    await using runtime = program();
    const handle = (await runtime.start(worker)) as never;
    for (let i = 0; i < 20; i++) await answers(handle);
    await runtime.request(worker, Job({ n: 1, when: new Date(), list: [1, { two: 2 }] } as never), { timeout: 60_000 });
    const items = frames.filter(({ bytes }) => bytes[3] === 0);
    const below = (most: number) => Math.floor(Math.random() * most);
    for (let i = 0; i < FORGED; i++) {
      for (let at = 0; at <= below(items.length); at++) {
        const body = [...(items[at]?.bytes.subarray(16) ?? [])];
        for (let changes = below(4); changes > 0; changes--) body[below(body.length)] = below(256);
        const cut = below(10) === 0 ? body.slice(0, below(body.length)) : body;
        const bytes = frame(items[at]?.bytes as Buffer, at + 1, 1000 + i, cut);
        stranger.publish(`ringline.to.${host.name}.forged-${i}`, bytes);
      }
      if (i % 10 === 0) await answers(handle);
    }
    await answers(handle);
    expect(host.child.exitCode).toBeNull();
    expect((await runtime.telemetry("worker")).restarts).toBe(0);
  });

  test("odd frames in the name of a host: its kernels begin again and answer, after each", {
    timeout: 60_000,
  }, async () => {
    const frames = overhear("*", host.name);
    await stranger.flush();
    await using runtime = program();
    const handle = (await runtime.start(worker)) as never;
    for (const body of Object.values(oddBodies)) {
      await answers(handle);
      await expect.poll(() => frames.length).toBeGreaterThan(0);
      const { to, bytes } = frames.at(-1) as (typeof frames)[number];
      stranger.publish(
        `ringline.to.${to}.${host.name}`,
        frame(bytes, bytes.readUInt32LE(4) + 1, bytes.readUInt32LE(12), body),
      );
      for (const name of ["stranger", "__proto__"])
        stranger.publish(`ringline.to.${to}.${name}`, frame(bytes, 1, 1, body));
      await stranger.flush();
      await answers(handle);
    }
  });
});
