/** Kernels that say which message answers which request. */
import {
  type Backend,
  body,
  createRuntime,
  defineKernel,
  defineMessage,
  type HandleOf,
  type KernelHandle,
  type MessageOf,
  type OutOf,
  peer,
  pipeline,
  type StageFailure,
} from "@ringline/core";
import { same } from "./same.js";

declare const backend: Backend;
const Get = defineMessage("Get");
const Add = defineMessage("Add", body<{ n: number }>());
const Reset = defineMessage("Reset");
const Sum = defineMessage("Sum", body<{ sum: number }>());
const Ok = defineMessage("Ok");
type Sum = MessageOf<typeof Sum>;
type Ok = MessageOf<typeof Ok>;

/** Replies are outputs; a type without a reply is answered by any output. */
export const counter = defineKernel({
  id: "counter",
  input: [Get, Add, Reset],
  replies: { Get: Sum, Add: Ok },
  handle: {
    Get: () => Sum({ sum: 1 }),
    Add: async ({ n }, ctx) => {
      await ctx.send(Ok());
      return n > 0 ? undefined : [Ok(), Sum({ sum: n })];
    },
    Reset: ({ priority }) => (priority > 3 ? Sum({ sum: 0 }) : Ok()),
  },
});
same<OutOf<typeof counter>, Sum | Ok>();
/** One function for all, alternatives, further outputs, failures. */
export const careful = defineKernel({
  id: "careful",
  input: [Get, Add],
  output: Reset,
  replies: { Get: Sum, Add: [Sum, Ok] },
  onError: "reply",
  handle: (message) => (message.type === "Get" ? Sum({ sum: 1 }) : [Ok(), Reset()]),
});
same<OutOf<typeof careful>, Sum | Ok | MessageOf<typeof Reset> | StageFailure>();
/** A loop, and a kernel whose one input has a reply. */
export const loop = defineKernel({
  id: "loop",
  input: Get,
  replies: { Get: Sum },
  async run(ctx) {
    for await (const get of ctx) await ctx.send(Sum({ sum: 1 }, { replyTo: get }));
  },
});
/** `replies` that are undefined were left out. */
export const none = defineKernel({
  id: "none",
  input: Get,
  output: Sum,
  replies: undefined,
  handle: () => Sum({ sum: 1 }),
});
same<OutOf<typeof none>, Sum>();

export async function requests() {
  const runtime = createRuntime({ backend, kernels: [counter, careful.as("careful_2")] });
  const handle = await runtime.start(counter);
  const byId = await runtime.launch("counter");
  same<typeof byId, typeof handle>();
  const kept: HandleOf<typeof counter> = handle;
  const plain: KernelHandle<MessageOf<typeof Get>, Sum | Ok> = kept;
  const got = await handle.request(Get());
  same<typeof got, Sum>();
  const added = await handle.request(Add({ n: 1 }), { timeout: 100 });
  same<typeof added, Ok>();
  const any = await handle.request(Reset());
  same<typeof any, Sum | Ok>();
  const either = await handle.request(Math.random() < 0.5 ? Get() : Add({ n: 1 }));
  same<typeof either, Sum | Ok>();
  const id = await runtime.request("counter", Get());
  same<typeof id, Sum>();
  const kernel = await runtime.request(counter, Add({ n: 1 }));
  same<typeof kernel, Ok>();
  const copy = await runtime.request(counter.as("counter_2"), Get());
  same<typeof copy, Sum>();
  const failing = await runtime.request("careful_2", Get());
  same<typeof failing, Sum | StageFailure>();
  const alternatives = await runtime.request(careful, Add({ n: 1 }));
  same<typeof alternatives, Sum | Ok | StageFailure>();
  const address = await runtime.request(peer("p", { input: [Get, Add], replies: { Get: Sum } }), Get());
  same<typeof address, Sum>();
  const untyped = await plain.request(Get());
  same<typeof untyped, Sum | Ok>();
}
/** Among kernels, and in a flow, where any output of the last stage is a result. */
export const asks = defineKernel({
  id: "asks",
  input: Get,
  output: Sum,
  peers: { counter, other: careful },
  async handle(get, { peers, request }) {
    const added = await request("counter", Add({ n: 1 }));
    same<typeof added, Ok>();
    const other = await peers.other.request(get);
    same<typeof other, Sum | StageFailure>();
    return peers.counter.request(get);
  },
});
export const chained = pipeline("chained")
  .stage(asks)
  .stage(defineKernel({ id: "end", input: Sum, handle() {} }));
