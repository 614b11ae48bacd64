import { pipeline } from "@ringline/core";
import { deepEqual, equal, ok, PATIENCE, rejects, throwsNow, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { outputsOf } from "../../support/flows.js";
import { range, tasks } from "../../support/handle.js";
import type { Trial } from "../../trial.js";

const line = pipeline("line").stage(handler).stage(passer);
const start = (trial: Trial, maxInFlight = 8) => trial.runtime().run(line, { maxInFlight });
type Line = Awaited<ReturnType<typeof start>>;

/** A case for web streams; a runtime without them gets the typed error. */
function rule(name: string, run: (flow: Line) => Promise<void>): Case {
  return {
    law: 12,
    name: `streams: ${name}`,
    async run(trial) {
      const flow = await start(trial);
      if (typeof WritableStream === "function") await run(flow);
      else throwsNow(() => flow.streams(), "UNSUPPORTED", "streams");
    },
  };
}

const soon = <T>(promise: Promise<T>, what: string) => within(PATIENCE, promise, what);
const thrownBy = (promise: Promise<unknown>, what: string) =>
  soon(
    promise.then(
      () => undefined,
      (error: unknown) => error,
    ),
    what,
  );

/** A web stream of tasks, which counts what is pulled and whether it was cancelled. */
function readableOf(count: number, fails?: unknown) {
  const told = { pulled: 0, cancelled: [] as unknown[] };
  const all = tasks(count);
  const readable = new ReadableStream<Task>(
    {
      pull(controller) {
        const task = all.shift();
        told.pulled++;
        if (task !== undefined) controller.enqueue(task);
        else if (fails !== undefined) controller.error(fails);
        else controller.close();
      },
      cancel(reason) {
        told.cancelled.push(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return { readable, told };
}

async function read(readable: ReadableStream<{ readonly n: number }>): Promise<number[]> {
  const reader = readable.getReader();
  const seen: number[] = [];
  for (;;) {
    const { done, value } = await soon(reader.read(), "read");
    if (done) return seen;
    seen.push(value.n);
  }
}

async function isFree(flow: Line): Promise<void> {
  const outputs = await outputsOf(flow, tasks(20));
  deepEqual(
    outputs.map(({ n }) => n),
    range(20),
    "outputs of the next process",
  );
}

/** Both ends of a flow as web streams. */
export const webStreams: readonly Case[] = [
  rule("what is piped through comes out in order, and both ends close", async (flow) => {
    const { readable } = readableOf(200);
    deepEqual(await read(readable.pipeThrough(flow.streams())), range(200), "outputs");
    await isFree(flow);
  }),
  rule("no more is pulled through than there is room for before somebody reads", async (flow) => {
    const { readable, told } = readableOf(10_000);
    const through = readable.pipeThrough(flow.streams());
    await new Promise((resolve) => setTimeout(resolve, 10));
    ok(told.pulled < 1000, `${told.pulled} messages were pulled for none that was read`);
    await soon(through.cancel("not wanted"), "cancel");
  }),
  rule("a slow reader holds back the source", async (flow) => {
    const { readable, told } = readableOf(10_000);
    const reader = readable.pipeThrough(flow.streams()).getReader();
    for (let i = 0; i < 3; i++) await soon(reader.read(), "read");
    await new Promise((resolve) => setTimeout(resolve, 20));
    ok(told.pulled < 1000, `${told.pulled} messages were pulled for three that were read`);
    await soon(reader.cancel("enough"), "cancel");
  }),
  rule("the readable holds nothing of its own", async (flow) => {
    const { readable, writable } = flow.streams();
    const [writer, reader] = [writable.getWriter(), readable.getReader()];
    equal(writer.desiredSize, 1, "what the writable wants at the start");
    const written = writer.write(Task({ n: 0 }));
    equal((await soon(reader.read(), "read")).value?.n, 0, "output");
    await soon(written, "write");
    await soon(Promise.all([writer.close(), reader.read()]), "close");
    await soon(reader.closed, "closed");
  }),
  rule("writes that nobody awaits come in their order", async (flow) => {
    const { readable, writable } = flow.streams();
    const writer = writable.getWriter();
    const writes = tasks(60).map((task) => writer.write(task));
    const closed = writer.close();
    deepEqual(await read(readable), range(60), "outputs");
    await soon(Promise.all([...writes, closed]), "writes");
  }),
  rule("closing with nothing written is an end", async (flow) => {
    const { readable, writable } = flow.streams();
    const reads = read(readable);
    await soon(writable.getWriter().close(), "close");
    deepEqual(await reads, [], "outputs");
    await isFree(flow);
  }),
  rule("a read after the end is an end", async (flow) => {
    const { readable, writable } = flow.streams();
    const [writer, reader] = [writable.getWriter(), readable.getReader()];
    await soon(Promise.all([writer.close(), reader.read()]), "close");
    for (let i = 0; i < 2; i++) equal((await soon(reader.read(), "read")).done, true, "done");
  }),
  rule("aborting the writable ends the readable with the reason", async (flow) => {
    const { readable, writable } = flow.streams();
    const [writer, reader] = [writable.getWriter(), readable.getReader()];
    const first = reader.read();
    await soon(writer.write(Task({ n: 0 })), "write");
    await soon(first, "read");
    const reason = new RangeError("no more of it");
    const reads = thrownBy(reader.read(), "the read that waits");
    await soon(writer.abort(reason), "abort");
    ok((await reads) === reason, "the reason itself");
    ok((await thrownBy(reader.closed, "closed")) === reason, "the reason, once closed");
    await isFree(flow);
  }),
  rule("cancelling the readable ends the writable", async (flow) => {
    const { readable, writable } = flow.streams();
    const [writer, reader] = [writable.getWriter(), readable.getReader()];
    writer.closed.catch(() => {}); // awaited below: a rejection before that is handled
    const first = reader.read();
    await soon(writer.write(Task({ n: 0 })), "write");
    await soon(first, "read");
    await soon(reader.cancel(new RangeError("enough")), "cancel");
    ok((await thrownBy(writer.write(Task({ n: 1 })), "write")) !== undefined, "a write is refused");
    ok((await thrownBy(writer.closed, "closed")) !== undefined, "the writable is not closed in order");
    await isFree(flow);
  }),
  rule("an error of the piped source comes out as it is", async (flow) => {
    const broken = new RangeError("the source is broken");
    const { readable } = readableOf(0, broken);
    ok((await thrownBy(read(readable.pipeThrough(flow.streams())), "read")) === broken, "the error itself");
    await isFree(flow);
  }),
  rule("cancelling what comes out cancels the source once, with the reason", async (flow) => {
    const { readable, told } = readableOf(10_000);
    const reader = readable.pipeThrough(flow.streams()).getReader();
    await soon(reader.read(), "read");
    const reason = new RangeError("enough");
    await soon(reader.cancel(reason), "cancel");
    const pulled = told.pulled;
    await isFree(flow);
    ok(told.cancelled.length === 1, `the source was cancelled ${told.cancelled.length} times`);
    ok(told.pulled <= pulled + 1, "nothing is pulled afterwards");
  }),
  rule("a signal of the pipe ends both", async (flow) => {
    const control = new AbortController();
    const { readable, told } = readableOf(10_000);
    const reader = readable.pipeThrough(flow.streams(), { signal: control.signal }).getReader();
    await soon(reader.read(), "read");
    control.abort();
    const rest = async () => {
      for (;;) if ((await reader.read()).done) return;
    };
    ok((await thrownBy(rest(), "the reads")) !== undefined, "a read fails");
    ok(told.cancelled.length === 1, "the source is cancelled");
  }),
  rule("a write of what the flow refuses fails by itself", async (flow) => {
    const { readable, writable } = flow.streams();
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    const reader = readable.getReader();
    reader.closed.catch(() => {});
    const read = reader.read().catch(() => undefined);
    await rejects(writer.write({ type: "nothing" } as never), "TYPE_MISMATCH", "the write").catch(() =>
      rejects(writer.closed, "INVALID_MESSAGE", "the writable"),
    );
    void read;
  }),
  rule("the end of the flow ends both", async (flow) => {
    const { readable, writable } = flow.streams();
    const [writer, reader] = [writable.getWriter(), readable.getReader()];
    writer.closed.catch(() => {});
    const first = reader.read();
    await soon(writer.write(Task({ n: 0 })), "write");
    await soon(first, "read");
    const waits = rejects(reader.read(), "TERMINATED", "the read");
    await soon(flow.terminate(), "terminate");
    await waits;
    await rejects(writer.write(Task({ n: 1 })), "TERMINATED", "the write");
  }),
];
