import { PassThrough, Readable, Writable } from "node:stream";
import { pipeline as pump } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import { pipeline } from "../../src/index.js";
import { flowDuplex, flowReadable, flowWritable } from "../../src/node.js";
import { door, N, numbers, plus, range, stage, watched } from "../support/flow-kit.js";
import { quiet, watch } from "../support/settling.js";

const run = async () => {
  const told = watched();
  const flow = await told.runtime.run(pipeline("p").stage(plus("a")).stage(plus("b"), { workers: 2 }));
  return { ...told, flow };
};
const wanted = range(100).map((n) => n + 2);

describe("web streams", () => {
  test("pipe through", async () => {
    const { flow } = await run();
    const source = new ReadableStream<N>({
      start(controller) {
        for (const message of numbers(100)) controller.enqueue(message);
        controller.close();
      },
    });
    const seen: number[] = [];
    const reader = source.pipeThrough(flow.streams()).getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) seen.push(next.value.n);
    expect(seen).toEqual(wanted);
  });

  test("a write waits until the flow has room", async () => {
    const { runtime } = watched();
    const held = door();
    const slow = stage("slow", (m) => held.opened.then(() => m), { queueSize: 1 });
    const flow = await runtime.run(pipeline("p").stage(slow), { maxInFlight: 2 });
    const { writable, readable } = flow.streams();
    const reader = readable.getReader();
    const read = watch(reader.read());
    const writer = writable.getWriter();
    const writes = numbers(5).map((message) => watch(writer.write(message)));
    await quiet();
    expect(writes.map(({ state }) => state)).toEqual(["done", "done", "waits", "waits", "waits"]);
    held.open();
    await quiet();
    expect(read.value?.value?.n).toBe(0);
    for (const n of range(4)) expect((await reader.read()).value?.n).toBe(n + 1);
    await writer.close();
    expect((await reader.read()).done).toBe(true);
  });

  test("abort and cancel end both sides, and the flow lives on", async () => {
    const { flow } = await run();
    const first = flow.streams();
    const reading = first.readable.getReader().read();
    await first.writable.abort(new Error("no more"));
    await expect(reading).rejects.toThrow("no more");
    const second = flow.streams();
    const reader = second.readable.getReader();
    const writer = second.writable.getWriter();
    void writer.write(N({ n: 1 }));
    expect((await reader.read()).value?.n).toBe(3);
    await reader.cancel();
    await expect(writer.write(N({ n: 2 }))).rejects.toThrow();
    expect((await flow.request(N({ n: 5 }))).n).toBe(7);
  });

  test("whoever writes hears why the process ended early, though nothing is written", async () => {
    const ends: [string, (streams: Awaited<ReturnType<typeof begun>>) => Promise<unknown>][] = [
      ["TERMINATED", ({ flow }) => flow.terminate()],
      ["TYPE_MISMATCH", ({ writer }) => expect(writer.write("junk")).rejects.toMatchObject({ code: "TYPE_MISMATCH" })],
    ];
    for (const [code, end] of ends) {
      const streams = await begun();
      const { reader, writer } = streams;
      const [read, closed] = [watch(reader.read()), watch(writer.closed)];
      await end(streams);
      await quiet();
      expect(read.state).toBe(code);
      expect(closed.state).toBe(code);
      await expect(writer.write(N({ n: 2 }))).rejects.toMatchObject({ code });
    }
  });
});

/** A stream that has begun. */
async function begun() {
  const { flow } = await run();
  const { writable, readable } = flow.streams();
  const writer = (writable as WritableStream<unknown>).getWriter();
  const reader = readable.getReader();
  const first = reader.read();
  await writer.write(N({ n: 1 }));
  await first;
  return { flow, writer, reader };
}

describe("streams of Node", () => {
  test("a duplex between two streams", async () => {
    const { flow } = await run();
    const seen: number[] = [];
    const sink = new Writable({
      objectMode: true,
      write(message: N, _, done) {
        seen.push(message.n);
        setImmediate(done);
      },
    });
    await pump(Readable.from(numbers(100)), flowDuplex(flow), sink);
    expect(seen).toEqual(wanted);
  });

  test("a duplex holds little while nobody reads", async () => {
    const { runtime } = watched();
    const flow = await runtime.run(pipeline("p").stage(plus("a", 0, { queueSize: 4 })), { maxInFlight: 4 });
    let pulled = 0;
    function* endless() {
      for (;;) yield N({ n: pulled++ });
    }
    const source = Readable.from(endless(), { highWaterMark: 1 });
    const duplex = flowDuplex(flow, { highWaterMark: 2 });
    source.pipe(duplex);
    for (let i = 0; i < 20; i++) await quiet();
    expect(pulled).toBeLessThan(160);
    const before = pulled;
    for (let i = 0; i < 5; i++) await quiet();
    expect(pulled).toBe(before);
    source.destroy();
    duplex.destroy();
    await quiet();
    expect((await flow.request(N({ n: 1 }))).n).toBe(1);
  });

  test("readable and writable", async () => {
    const { flow } = await run();
    const seen: number[] = [];
    for await (const message of flowReadable(flow, numbers(100))) seen.push((message as N).n);
    expect(seen).toEqual(wanted);
    const reading = (async () => {
      const list: number[] = [];
      for (let i = 0; i < 100; i++) list.push((await flow.receive()).n);
      return list;
    })();
    await pump(Readable.from(numbers(100)), new PassThrough({ objectMode: true }), flowWritable(flow));
    expect(await reading).toEqual(wanted);
  });

  test("an error of the flow destroys the duplex", async () => {
    const { flow } = await run();
    const duplex = flowDuplex(flow);
    duplex.resume();
    const failed = new Promise((resolve) => duplex.on("error", resolve));
    duplex.write(N({ n: 1 }));
    await quiet();
    await flow.terminate();
    expect(await failed).toMatchObject({ code: "TERMINATED" });
  });
});
