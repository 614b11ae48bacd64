/** Ordinary code, which compiles: names for types, generic helpers, options that are undefined. */
import {
  type Backend,
  type Backpressure,
  body,
  createRuntime,
  defineKernel,
  defineMessage,
  type Flow,
  graph,
  type HandleContext,
  type HandleOf,
  type Kernel,
  type KernelContext,
  type KernelHandle,
  type KernelOptions,
  type LaunchOptions,
  type ManualContext,
  type Message,
  type MessageOf,
  type OutOf,
  otherwise,
  type Pipeline,
  pipeline,
  type Runtime,
  StageFailure,
  type Supervision,
  type Topology,
  type Wire,
} from "@ringline/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { same } from "./same.js";

declare const backend: Backend;
const A = defineMessage("A", body<{ kind: "x" | "y"; a: number }>());
const B = defineMessage("B", body<{ b: string }>());
const Empty = defineMessage("Empty");
type A = MessageOf<typeof A>;
type B = MessageOf<typeof B>;
const echo = defineKernel({ id: "echo", input: A, output: A, handle: (m) => A({ ...m, a: m.a + 1 }) });
const toB = defineKernel({ id: "toB", input: A, output: B, handle: ({ a }) => B({ b: String(a) }) });

// ── names
export class App {
  runtime: Runtime = createRuntime({ backend });
  flow: Flow | undefined;
  echo: HandleOf<typeof echo> | undefined;
  topologies: Topology[] = [pipeline("p").stage(echo), graph("g", A, (input) => input.stage(toB))];
  handles = new Map<string, KernelHandle>();
  async start(options?: LaunchOptions) {
    this.echo = await this.runtime.start(echo, options);
    this.handles.set("echo", this.echo);
    const flow: Flow<A, B> = await this.runtime.run(pipeline("p").stage(echo).stage(toB));
    this.flow = flow;
    return flow;
  }
}
const take = (runtime: Runtime): Runtime => runtime;
take(createRuntime({ backends: { main: backend, copy: backend } }));
take(createRuntime({ backend, kernels: [echo, toB] }));
export const line: Pipeline<A, B> = pipeline("line").stage(echo, { backend: "main" }).stage(toB);
export const options: Partial<KernelOptions> = { id: "k", queueSize: 3 };

// ── generic helpers
export const make = <N extends string, T extends object>(name: N) => defineMessage(name, body<{ payload: T }>());
export const plain = <T extends object>(name: string) => defineMessage(name, body<T>());
export const parsed = <S extends StandardSchemaV1<unknown, object>>(schema: S) => defineMessage("Parsed", schema);
export const add = <In, Mid extends Message, Out extends Message>(
  to: Pipeline<In, Mid>,
  kernel: Kernel<string, Mid, Out>,
) => to.stage(kernel);
export const wired = <Mid extends Message, Out extends Message>(wire: Wire<Mid>, kernel: Kernel<string, Mid, Out>) =>
  wire.stage(kernel, { workers: 2 });
export const nested = <In extends Message, Out extends Message>(inner: Topology<In, Out>) =>
  pipeline("outer").stage(inner);
export async function ask<In extends Message, Out extends Message>(
  runtime: Runtime,
  kernel: Kernel<string, In, Out>,
  message: In,
): Promise<readonly Out[]> {
  const handle: KernelHandle<In, Out> = await runtime.start(kernel);
  return [await handle.request(message), await runtime.request(kernel, message), await handle.receive()];
}
export const logs = (ctx: HandleContext) => ctx.log.info(ctx.kernelId);
export const reads = async (ctx: KernelContext<A, B>) => ctx.send(B({ b: String((await ctx.receive()).a) }));
export const settles = (ctx: ManualContext<A>, message: A) => ctx.settle(message);

// ── guards
type X = A & { kind: "x" };
const isX = (m: A): m is X => m.kind === "x";
const routed = graph("routed", A, (input) => input.route({ x: isX, rest: otherwise }).x);
same<OutOf<typeof routed>["kind"], "x">();
same<OutOf<typeof filtered>["kind"], "x">();
const filtered = pipeline("filtered").stage(echo).filter(isX);

// ── failures are there where "reply" may be said, and only there
const never = defineKernel({
  id: "never",
  input: A,
  output: B,
  onError: (error) => (error.code === "TIMEOUT" ? "retry" : B({ b: "instead" })),
  handle: () => B({ b: "" }),
});
same<OutOf<typeof never>, B>();
const mixed = defineKernel({
  id: "mixed",
  input: A,
  output: B,
  onError: (error) => (error.code === "TIMEOUT" ? Promise.resolve("dead-letter" as const) : B({ b: "instead" })),
  handle: () => B({ b: "" }),
});
same<OutOf<typeof mixed>, B>();
const replies = defineKernel({ id: "replies", input: A, output: B, onError: "reply", handle: () => B({ b: "" }) });
same<OutOf<typeof replies>, B | StageFailure>();
export async function narrowed(handle: HandleOf<typeof replies>) {
  const answer = await handle.request(A({ kind: "x", a: 1 }));
  return StageFailure.is(answer) ? answer.error.code : answer.b;
}
/** Failures pass by the stages that follow. */
const behind = pipeline("behind")
  .stage(replies)
  .stage(defineKernel({ id: "b", input: B, output: B, handle: (m) => m }));
same<OutOf<typeof behind>, B | StageFailure>();

// ── bodies and outputs
// biome-ignore lint/suspicious/noExplicitAny: a field of any type is ordinary
export const dates = defineMessage("Dates", body<{ at: Date; by: Map<string, number>; data: any; more?: unknown }>());
Empty();
Empty({});
Empty({}, { priority: 5 });
Empty(undefined, { priority: 5 });
const name: "A" = A.name;
export const filters = defineKernel({
  id: "filters",
  input: A,
  output: B,
  handle(m) {
    if (m.kind === "x") return B({ b: name });
    return undefined;
  },
});
export const sends = defineKernel({ id: "sends", input: A, output: B, handle: (_, ctx) => ctx.send(B({ b: "" })) });
export const sinks = defineKernel({ id: "sinks", input: A, handle: (m, ctx) => ctx.log.info(m.kind) });

// ── options that are undefined were left out
declare const queueSize: number | undefined;
declare const backpressure: Backpressure | undefined;
declare const supervise: Supervision | undefined;
declare const place: "main" | undefined;
export const all = defineKernel({
  id: "all",
  module: undefined,
  input: A,
  output: A,
  peers: undefined,
  state: undefined,
  needs: undefined,
  queueSize,
  backpressure,
  supervise,
  onError: undefined,
  handle: (m) => m,
});
export const loop = defineKernel({ id: "loop", input: A, ack: undefined, async run() {} });
export const staged = graph("staged", A, (input) =>
  input.stage(all, {
    name: undefined,
    backend: place,
    workers: queueSize,
    by: undefined,
    order: undefined,
    rate: queueSize,
    queueSize,
    backpressure,
    onError: undefined,
    supervise: { restart: undefined, backoff: undefined, limit: undefined },
  }),
);
export async function launches() {
  const runtime = createRuntime({
    backends: { main: backend },
    kernels: undefined,
    defaultBackend: undefined,
    telemetry: undefined,
    deadLetterLimit: undefined,
    clock: undefined,
  });
  await runtime.launch(all, { id: undefined, backend: place, supervise, peers: undefined, queueSize, backpressure });
  await runtime.terminate("all", { drain: undefined, timeout: undefined, signal: undefined });
  await runtime.run(staged, { maxInFlight: undefined });
  await runtime.connect(echo, all, { mode: undefined });
}

// ── a function for each type of message, each with its own message and the same context
const Get = defineMessage("Get");
const Put = defineMessage("Put", body<{ n: number }>());
const Sum = defineMessage("Sum", body<{ sum: number }>());
export const store = defineKernel({
  id: "store",
  input: [Get, Put],
  output: Sum,
  handle: {
    Get: () => Sum({ sum: 1 }),
    Put: async ({ n }, ctx) => {
      await ctx.send(Sum({ sum: n }));
      return undefined;
    },
  },
});
export const putter = defineKernel({
  id: "putter",
  input: Put,
  output: Sum,
  handle: { Put: ({ n }) => Sum({ sum: n }) },
});
/** The body of a type may be a union. */
const Change = defineMessage("Change", body<{ kind: "add"; n: number } | { kind: "delete"; id: string }>());
export const changes = defineKernel({
  id: "changes",
  input: [Change, Get],
  output: Sum,
  handle: { Change: (change) => Sum({ sum: change.kind === "add" ? change.n : 0 }), Get: () => undefined },
});
export const stored = (handle: HandleOf<typeof store>): Promise<MessageOf<typeof Sum>> => handle.request(Put({ n: 1 }));

createRuntime({ backend, telemetry: {} });
createRuntime({ backend, telemetry: false });

// ── links by id, typed where the runtime knows the kernels; the type of what a call gives
export async function links() {
  const known = createRuntime({ backend, kernels: [echo, toB] });
  await known.connect("echo", "toB");
  await known.connect(echo, "toB");
  await known.connect("echo", toB, { mode: "broadcast" });
  const unknown = createRuntime({ backend });
  await unknown.connect("echo", "toB");
  await unknown.connect(echo, "toB");
}
type Running = Awaited<ReturnType<Runtime["run"]>>;
export const drained = (flow: Running) => flow.drain();
export const runs = <In extends Message, Out extends Message>(
  runtime: Runtime,
  topology: Topology<In, Out>,
): Promise<Flow<In, Out>> => runtime.run(topology);
