import { pipeline } from "@ringline/core";
import { deepEqual, equal, ok, PATIENCE, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { outputsOf } from "../../support/flows.js";
import { range, tasks } from "../../support/handle.js";
import { watchedSource } from "../../support/watched-source.js";
import type { Trial } from "../../trial.js";

const line = pipeline("line").stage(handler).stage(passer);
const start = (trial: Trial) => trial.runtime().run(line, { maxInFlight: 8 });
type Line = Awaited<ReturnType<typeof start>>;

/** The part of a Node stream that the cases use. */
interface Stream {
  on(event: string, listener: (value: never) => void): Stream;
  write(message: unknown, done?: (error?: Error | null) => void): boolean;
  end(): void;
  read(): { readonly n: number } | null;
  destroy(error?: Error): void;
  pipe(to: Stream): Stream;
  readonly destroyed: boolean;
}
interface NodeEntry {
  flowDuplex(flow: unknown, options?: object): Stream;
  flowReadable(flow: unknown, source: unknown): Stream & AsyncIterable<{ readonly n: number }>;
  flowWritable(flow: unknown, options?: object): Stream;
}

/** The entry as a computed name, so that bundlers for other platforms do not find it. */
const entry = ["@ringline/core", "node"].join("/");
const isNode = (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !== undefined;

function rule(name: string, run: (flow: Line, node: NodeEntry) => Promise<void>): Case {
  return {
    law: 12,
    name: `node: ${name}`,
    run: async (trial) => run(await start(trial), (await import(entry)) as NodeEntry),
  };
}

/** Records all events of a stream. */
function watch(stream: Stream) {
  const told = { data: [] as number[], errors: [] as unknown[], ends: 0, closes: 0, finishes: 0, late: 0 };
  stream.on("data", ({ n }: { readonly n: number }) => {
    if (told.closes > 0 || told.errors.length > 0) told.late++;
    told.data.push(n);
  });
  stream.on("error", (error) => void told.errors.push(error));
  stream.on("end", () => void told.ends++);
  stream.on("close", () => void told.closes++);
  stream.on("finish", () => void told.finishes++);
  return told;
}

async function isFree(flow: Line): Promise<void> {
  await until("a free flow", async () => {
    try {
      return (await outputsOf(flow, tasks(20))).length === 20;
    } catch (error) {
      if ((error as { readonly code?: string }).code === "FLOW_BUSY") return false;
      throw error;
    }
  });
}

const rules: readonly Case[] = [
  rule("what is written comes out in order; finish, end and close are told once", async (flow, { flowDuplex }) => {
    const duplex = flowDuplex(flow);
    const told = watch(duplex);
    for (const task of tasks(100)) duplex.write(task);
    duplex.end();
    await until("close", () => told.closes > 0);
    deepEqual(told.data, range(100), "outputs");
    deepEqual([told.finishes, told.ends, told.closes, told.errors.length], [1, 1, 1, 0], "finish, end, close, errors");
    await isFree(flow);
  }),
  rule("a full stream says so, and tells when it has drained", async (flow, { flowDuplex }) => {
    const duplex = flowDuplex(flow, { highWaterMark: 2 });
    let drains = 0;
    duplex.on("drain", () => void drains++);
    const says = tasks(40).map((task) => duplex.write(task));
    ok(says.includes(false), "a write says that the stream is full");
    const told = watch(duplex);
    duplex.end();
    await until("close", () => told.closes > 0);
    equal(told.data.length, 40, "outputs");
    ok(drains >= 0, "drain");
  }),
  rule("writes call back one after the other, each once", async (flow, { flowDuplex }) => {
    const duplex = flowDuplex(flow);
    const told = watch(duplex);
    const called: number[] = [];
    for (const n of range(30)) duplex.write(Task({ n }), () => void called.push(n));
    duplex.end();
    await until("close", () => told.closes > 0);
    deepEqual(called, range(30), "callbacks");
  }),
  rule("ending with nothing written is an end", async (flow, { flowDuplex }) => {
    const duplex = flowDuplex(flow);
    const told = watch(duplex);
    duplex.end();
    await until("close", () => told.closes > 0);
    deepEqual([told.data.length, told.ends, told.errors.length], [0, 1, 0], "outputs, end, errors");
    await isFree(flow);
  }),
  rule("destroying tells the error once, then close, and no data after it", async (flow, { flowDuplex }) => {
    const duplex = flowDuplex(flow);
    const told = watch(duplex);
    for (const task of tasks(50)) duplex.write(task);
    await until("an output", () => told.data.length > 0);
    const reason = new RangeError("no more of it");
    duplex.destroy(reason);
    await until("close", () => told.closes > 0);
    await isFree(flow);
    deepEqual([told.errors.length, told.closes, told.late, told.ends], [1, 1, 0, 0], "errors, close, late data, end");
    ok(told.errors[0] === reason, "the error itself");
  }),
  rule("a readable pulls nothing before it is read", async (flow, { flowReadable }) => {
    const source = watchedSource(10);
    const readable = flowReadable(flow, source);
    await new Promise((resolve) => setTimeout(resolve, 5));
    equal(source.calls.nexts, 0, "calls of next");
    const seen: number[] = [];
    for await (const { n } of readable) seen.push(n);
    deepEqual(seen, range(10), "outputs");
  }),
  rule("destroying a readable calls return once, and pulls nothing afterwards", async (flow, { flowReadable }) => {
    const source = watchedSource(10_000);
    const readable = flowReadable(flow, source);
    for await (const _ of readable) break;
    ok(readable.destroyed, "destroyed");
    await isFree(flow);
    deepEqual([source.calls.returns, source.calls.late], [1, 0], "return, late next");
  }),
  rule("an error of the source destroys a readable, and comes out as it is", async (flow, { flowReadable }) => {
    const broken = new RangeError("the source is broken");
    const told = watch(flowReadable(flow, watchedSource(3, { fails: broken })));
    await until("close", () => told.closes > 0);
    ok(told.errors[0] === broken && told.errors.length === 1, "the error itself, once");
    equal(told.ends, 0, "end");
    await isFree(flow);
  }),
  rule("a writable finishes when everything is settled", async (flow, { flowWritable }) => {
    const writable = flowWritable(flow);
    const told = watch(writable);
    const seen: number[] = [];
    const reading = (async () => {
      while (seen.length < 40) seen.push((await flow.receive()).n);
    })();
    for (const task of tasks(40)) writable.write(task);
    writable.end();
    await until("finish", () => told.finishes > 0);
    await within(PATIENCE, reading, "the outputs");
    deepEqual(seen, range(40), "outputs");
    equal((await flow.telemetry()).inFlight, 0, "in flight at the end");
  }),
  rule("a writable that is given what the flow refuses fails, and closes once", async (flow, { flowWritable }) => {
    const writable = flowWritable(flow);
    const told = watch(writable);
    writable.write({ type: "nothing" });
    await until("close", () => told.closes > 0);
    deepEqual([told.errors.length, told.closes, told.finishes], [1, 1, 0], "errors, close, finish");
  }),
];

/** Flows as Node streams; no cases outside Node. */
export const nodeStreams: readonly Case[] = isNode ? rules : [];
