// An app that exports pipelines, graphs and runtimes: its declarations have to name all of their types.
import {
  body,
  createRuntime,
  defineComputeKernel,
  defineKernel,
  defineMessage,
  f32,
  graph,
  otherwise,
  peer,
  pipeline,
  struct,
} from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { nats } from "@ringline/nats";
import { sqlite } from "@ringline/sqlite";
import { webgpu } from "@ringline/webgpu";
import { workerThreads } from "@ringline/worker-threads";
import * as library from "./library.cjs";

export const Get = defineMessage("Get");
export const Add = defineMessage("Add", body<{ n: number }>());
export const Sum = defineMessage("Sum", body<{ sum: number }>());
export const Point = defineMessage("Point", struct({ x: f32 }));
export const counter = defineKernel({
  id: "counter",
  input: [Get, Add],
  replies: { Get: Sum, Add: [Sum, Get] },
  onError: "reply",
  handle: { Get: () => Sum({ sum: 1 }), Add: ({ n }) => Sum({ sum: n }) },
});
export const twice = defineComputeKernel({
  kind: "map",
  id: "twice",
  input: Point,
  output: Point,
  wgsl: "fn map(m: Point) -> Point { return Point(m.x * 2); }",
  host: ({ x }) => ({ x: x * 2 }),
});
export const device = defineKernel({
  id: "device",
  input: Point,
  output: Sum,
  needs: ["gpu"],
  peers: { counter, other: peer("other", { input: Add, output: Sum }) },
  async run(ctx) {
    const isAny: 0 extends 1 & typeof ctx.gpu ? true : false = false;
    const isAnyDevice: 0 extends 1 & typeof ctx.gpu.device ? true : false = false;
    ctx.log.info(`${isAny} ${isAnyDevice}`);
    for await (const { x } of ctx) await ctx.send(Sum({ sum: x }));
  },
});

export const points = pipeline("points").stage(twice, { backend: "gpu" }).stage(device, { workers: 2 });
export const words = pipeline("words").stage(library.line).stage(library.upper.as("upper_2"), { onError: "reply" });
export const net = graph("net", [Get, Add], (input, { merge, join }) => {
  const { small, rest } = input.route({ small: Add.is, rest: otherwise });
  const both = join(
    ({ a, b }) => Sum({ sum: a.n + b.n }),
    { a: small, b: small.filter(({ n }) => n > 0) },
    { timeout: 10 },
  );
  return merge(
    both,
    rest.stage(counter),
    small.batch(({ items }) => Sum({ sum: items.length }), { max: 3 }),
  );
});
export const drawing = net.describe();

export const createApp = () =>
  createRuntime({
    backends: {
      main: inProcess(),
      threads: workerThreads(),
      gpu: webgpu(),
      hosts: nats({ servers: "nats://127.0.0.1" }),
    },
    kernels: [counter, device, twice, library.upper],
    keep: sqlite("./state.db"),
  });
export const startCounter = async () => (await createApp()).start("counter");
export const requestSum = async () => (await startCounter()).request(Get());
export const runNet = async () => createApp().run(net);
export const runWords = async () => createApp().run(words);
export async function useLibrary() {
  const handle: library.Handle = await library.start().start(library.upper);
  await createApp().start(library.upper);
  await createRuntime({ backend: library.backend }).run(library.line);
  return (await handle.request(library.Word({ text: "a" }))).text;
}
export class Service {
  readonly #runtime = createApp();
  flow = this.#runtime.run(points);
  telemetry() {
    return this.#runtime.telemetry();
  }
  letters = () => this.#runtime.deadLetters.peek();
}
