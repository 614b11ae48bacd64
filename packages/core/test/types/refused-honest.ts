/** Programs that would be wrong at run time and must not compile. */
import {
  type Backend,
  body,
  createRuntime,
  defineKernel,
  defineMessage,
  graph,
  type HandleContext,
  type Kernel,
  type Message,
  type MessageOf,
  type Pipeline,
  peer,
  pipeline,
} from "@ringline/core";
import { z } from "zod";

declare const backend: Backend;
const A = defineMessage("A", body<{ kind: "x" | "y"; a: number }>());
const B = defineMessage("B", body<{ b: string }>());
const Empty = defineMessage("Empty");
type A = MessageOf<typeof A>;
declare const a: A;

// ── a spread of a message is no message
// @ts-expect-error its header is not copied
export const spread: A = { ...a };
// @ts-expect-error nor in an assignment of all fields
export const more: A = { ...a, kind: "x", a: 2 };
// @ts-expect-error nor is what is left of one
export const { a: _, ...rest }: { a: number; type: "A" } = { ...a };
// @ts-expect-error as an output
defineKernel({ id: "k", input: A, output: A, handle: (m) => ({ ...m, a: m.a + 1 }) });
// @ts-expect-error as one of several outputs
defineKernel({ id: "k", input: A, output: A, handle: (m) => [m, { ...m }] });
// @ts-expect-error as a later output
defineKernel({ id: "k", input: A, output: A, handle: async (m) => ({ ...m }) });
export async function spreads() {
  const runtime = createRuntime({ backend });
  const handle = await runtime.start(defineKernel({ id: "k", input: A, async run() {} }));
  // @ts-expect-error to a handle
  await handle.send({ ...a });
  // @ts-expect-error to a kernel
  await runtime.send(peer("k", { input: A }), { ...a, a: 3 });
}

// ── replies may be failures
const replies = defineKernel({ id: "replies", input: A, output: B, onError: "reply", handle: () => B({ b: "" }) });
const decides = defineKernel({
  id: "decides",
  input: A,
  output: B,
  onError: (error) => (error.code === "TIMEOUT" ? "reply" : "retry"),
  handle: () => B({ b: "" }),
});
const later = defineKernel({
  id: "later",
  input: A,
  output: B,
  onError: async () => "reply" as const,
  handle: () => B({ b: "" }),
});
const takesB = defineKernel({ id: "takesB", input: B, output: B, handle: (m) => m });
export async function failures() {
  const runtime = createRuntime({ backend, kernels: [replies] });
  const handle = await runtime.start(replies);
  // @ts-expect-error the answer has to be narrowed first
  (await handle.request(a)).b;
  // @ts-expect-error so has an output
  (await handle.receive()).b;
  // @ts-expect-error so has each output of a loop
  for await (const out of handle) out.b;
  // @ts-expect-error so has an answer by id
  (await runtime.request("replies", a)).b;
  // @ts-expect-error where a function decides
  (await (await runtime.start(decides)).request(a)).b;
  // @ts-expect-error where it decides later
  (await (await runtime.start(later)).request(a)).b;
  // @ts-expect-error in a flow
  for await (const out of (await runtime.run(pipeline("p").stage(replies))).process([a])) out.b;
  // @ts-expect-error a link hands failures on to a kernel that does not take them
  await runtime.connect(replies, takesB);
}

// @ts-expect-error no action, also where it comes later
defineKernel({ id: "k", input: A, output: B, onError: async () => "ignore", handle: () => B({ b: "" }) });
// @ts-expect-error no output of the kernel, also where it comes later
defineKernel({ id: "k", input: A, output: B, onError: async () => a, handle: () => B({ b: "" }) });
// @ts-expect-error a decision that is forgotten
defineKernel({ id: "k", input: A, output: B, onError: async () => {}, handle: () => B({ b: "" }) });

// ── bodies are records
class Point {
  constructor(readonly x: number) {}
  double() {
    return this.x * 2;
  }
}
// @ts-expect-error a list
defineMessage("Bad", body<number[]>());
// @ts-expect-error a list that is readonly
defineMessage("Bad", body<readonly string[]>());
// @ts-expect-error a tuple
defineMessage("Bad", body<[number, string]>());
// @ts-expect-error a Map
defineMessage("Bad", body<Map<string, number>>());
// @ts-expect-error a Set
defineMessage("Bad", body<ReadonlySet<string>>());
// @ts-expect-error a Date
defineMessage("Bad", body<Date>());
// @ts-expect-error a typed array
defineMessage("Bad", body<Uint8Array>());
// @ts-expect-error a function
defineMessage("Bad", body<() => void>());
// @ts-expect-error a promise
defineMessage("Bad", body<Promise<number>>());
// @ts-expect-error an instance of a class with methods
defineMessage("Bad", body<Point>());
// @ts-expect-error a field that is a function
defineMessage("Bad", body<{ n: number; call: () => void }>());
// @ts-expect-error a field that makes a promise of it
defineMessage("Bad", body<{ then: number }>());
// @ts-expect-error a field with the name of what gives JSON
defineMessage("Bad", body<{ toJSON: string }>());
// @ts-expect-error a header's name, also where it may be left out
defineMessage("Bad", body<{ type?: string }>());
// @ts-expect-error one member of a union
defineMessage("Bad", body<{ n: 1 } | number[]>());
// @ts-expect-error a list by schema
defineMessage("Bad", z.array(z.number()));
// @ts-expect-error a Map by schema
defineMessage("Bad", z.map(z.string(), z.number()));

// ── a message without fields
// @ts-expect-error a header where a body is due
Empty({ priority: 5 });
// @ts-expect-error a field that the message does not have
Empty({ foo: 1 });
// @ts-expect-error nor beside a header
Empty({ foo: 1 }, { priority: 5 });

// ── a forgotten return
defineKernel({
  id: "k",
  input: A,
  output: B,
  // @ts-expect-error of a block
  handle: ({ a }) => {
    B({ b: String(a) });
  },
});
defineKernel({
  id: "k",
  input: A,
  output: B,
  // @ts-expect-error of one that comes later
  async handle({ a }) {
    B({ b: String(a) });
  },
});

defineKernel({
  id: "k",
  input: A,
  output: B,
  // @ts-expect-error nor can an awaited send be told from one
  async handle({ a }, ctx) {
    await ctx.send(B({ b: String(a) }));
  },
});
defineKernel({ id: "k", input: A, output: B, handle: ({ a }, ctx) => ctx.send(B({ b: String(a) })) });

// ── nothing answers
const sink = defineKernel({ id: "sink", input: A, handle() {} });
export async function unanswered() {
  const runtime = createRuntime({ backend, kernels: [sink] });
  // @ts-expect-error a handle of a sink
  await (await runtime.start(sink)).request(a);
  // @ts-expect-error a sink
  await runtime.request(sink, a);
  // @ts-expect-error a sink by id
  await runtime.request("sink", a);
  // @ts-expect-error a peer without output
  await runtime.request(peer("p", { input: A }), a);
  // @ts-expect-error a flow that ends in a sink
  await (await runtime.run(pipeline("p").stage(sink))).request(a);
}
defineKernel({
  id: "k",
  input: A,
  peers: { sink },
  async run(ctx) {
    // @ts-expect-error from within a kernel
    await ctx.peers.sink.request(a);
    // @ts-expect-error nor by name
    await ctx.request("sink", a);
  },
});

// ── two types of one name
const A2 = defineMessage("A", body<{ other: string }>());
// @ts-expect-error in an input
defineKernel({ id: "k", input: [A, A2], handle() {} });
// @ts-expect-error in an output
defineKernel({ id: "k", input: A, output: [B, A, A2], handle: () => undefined });
// @ts-expect-error in a graph
graph("g", [A, A2], (input) => input);
const other = defineKernel({ id: "other", input: B, output: A2, handle: () => undefined });
// @ts-expect-error from one stage to the next
pipeline("p").stage(other).stage(sink);

// ── a context offers what works
defineKernel({
  id: "k",
  input: A,
  async handle(_, ctx) {
    // @ts-expect-error the message is there already
    await ctx.receive();
    // @ts-expect-error nor are there batches
    ctx.batches({ max: 3 });
    // @ts-expect-error it is settled when the body returns
    ctx.settle(a);
    // @ts-expect-error nor is there a loop
    for await (const _ of ctx);
  },
});
defineKernel({
  id: "k",
  input: A,
  async run(ctx) {
    // @ts-expect-error settled at the next receive
    ctx.settle(await ctx.receive());
  },
});
export function helper(ctx: HandleContext<A>) {
  // @ts-expect-error sends what it does not declare
  return ctx.send(B({ b: "" }));
}

// ── generic helpers are checked too
export const wrong = <In, Mid extends Message, Other extends Message, Out extends Message>(
  to: Pipeline<In, Mid>,
  kernel: Kernel<string, Other, Out>,
) =>
  // @ts-expect-error nothing says that the kernel takes what the pipeline sends
  to.stage(kernel);
