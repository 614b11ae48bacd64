/** Requests and replies that must not compile. */
import { type Backend, body, createRuntime, defineKernel, defineMessage, peer } from "@ringline/core";
import { counter } from "./usage-replies.js";

declare const backend: Backend;
const Get = defineMessage("Get");
const Add = defineMessage("Add", body<{ n: number }>());
const Sum = defineMessage("Sum", body<{ sum: number }>());
const Ok = defineMessage("Ok");
const kind = { id: "k", input: [Get, Add], replies: { Get: Sum, Add: Ok } } as const;

// @ts-expect-error a reply to what the kernel does not take
defineKernel({ id: "k", input: Get, replies: { Gett: Sum }, handle: () => Sum({ sum: 1 }) });
// @ts-expect-error a reply is a message type, not its name
defineKernel({ id: "k", input: Get, replies: { Get: "Sum" }, handle: () => undefined });
// @ts-expect-error nor a message
defineKernel({ id: "k", input: Get, replies: { Get: Ok() }, handle: () => undefined });
// @ts-expect-error neither a reply nor an output
defineKernel({ ...kind, handle: () => Get() });
// @ts-expect-error the reply to the other type
defineKernel({ ...kind, handle: { Get: () => Ok(), Add: () => Ok() } });
// @ts-expect-error also later
defineKernel({ ...kind, handle: { Get: () => Sum({ sum: 1 }), Add: async () => Sum({ sum: 1 }) } });
// @ts-expect-error a forgotten return
defineKernel({ ...kind, handle: { Get() {}, Add: () => Ok() } });
// @ts-expect-error a type without its function
defineKernel({ ...kind, handle: { Get: () => Sum({ sum: 1 }) } });
// @ts-expect-error a loop sends replies and outputs alone
defineKernel({ ...kind, run: async (ctx) => void (await ctx.send(Get())) });
// @ts-expect-error an address has the same rules
peer("p", { input: Get, replies: { Add: Ok } });

export async function requests() {
  const runtime = createRuntime({ backend, kernels: [counter] });
  const handle = await runtime.start(counter);
  // @ts-expect-error an `Add` is answered by an `Ok`
  (await handle.request(Add({ n: 1 }))).sum;
  // @ts-expect-error by id
  (await runtime.request("counter", Add({ n: 1 }))).sum;
  // @ts-expect-error by definition
  (await runtime.request(counter, Add({ n: 1 }))).sum;
  // @ts-expect-error what the kernel does not take
  await handle.request(Ok());
  // @ts-expect-error nor by id
  await runtime.request("counter", Ok());
  // @ts-expect-error a spread of a message is no message
  await handle.request({ ...Add({ n: 1 }) });
}
defineKernel({
  id: "asks",
  input: Get,
  peers: { counter },
  async run(ctx) {
    // @ts-expect-error among kernels
    (await ctx.peers.counter.request(Add({ n: 1 }))).sum;
    // @ts-expect-error by name
    (await ctx.request("counter", Add({ n: 1 }))).sum;
  },
});
