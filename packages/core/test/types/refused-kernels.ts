/** Kernels that must not compile. */
import { body, defineKernel, defineMessage, type KernelContext, peer } from "@ringline/core";
import { ComputeResult, compute, Preprocessed, preprocess, RawData, raw } from "./usage.js";

const Other = defineMessage("Other", body<{ n: number }>());

// ── state
defineKernel({
  id: "k",
  input: RawData,
  state: body<{ n: number }>(),
  // @ts-expect-error the state has another type
  handle: (_, ctx) => void ctx.checkpoint({ n: "1" }),
});
defineKernel({
  id: "k",
  input: RawData,
  state: body<{ n: number }>(),
  // @ts-expect-error there may be none yet
  handle: (_, ctx) => void ctx.restored.n,
});
defineKernel({
  id: "k",
  input: RawData,
  // @ts-expect-error a schema, not a value
  state: { n: 1 },
  handle() {},
});

// ── inside a body
defineKernel({
  id: "k",
  input: RawData,
  output: Preprocessed,
  async run(ctx) {
    const message = await ctx.receive();
    // @ts-expect-error sends what it does not declare
    await ctx.send(message);
    // @ts-expect-error reads a field that its input does not have
    message.normalized;
    // @ts-expect-error times are options, not numbers
    await ctx.receive(100);
    // @ts-expect-error a batch has a size
    await ctx.receiveBatch({ linger: 10 });
    // @ts-expect-error settles what it does not take
    ctx.settle(Other({ n: 1 }));
  },
});
defineKernel({
  id: "k",
  input: [RawData, Preprocessed],
  output: ComputeResult,
  peers: { pre: preprocess },
  async run(ctx) {
    for await (const message of ctx) {
      // @ts-expect-error not narrowed yet
      message.values;
      if (message.type === "RawData") message.values;
      // @ts-expect-error no such member
      if (message.type === "Other") continue;
      // @ts-expect-error a peer that is not declared
      await ctx.sendTo("other", raw);
      // @ts-expect-error the peer takes something else
      await ctx.sendTo("pre", ComputeResult({ result: 1 }));
      // @ts-expect-error the peer takes something else
      await ctx.peers.pre.request(ComputeResult({ result: 1 }));
      // @ts-expect-error the address takes something else
      await ctx.sendTo(compute.as("compute_7"), raw);
      // @ts-expect-error the peer answers something else
      (await ctx.request("pre", raw)).result;
      // @ts-expect-error what comes from the peer has other fields
      (await ctx.receiveFrom("pre")).values;
    }
  },
});
defineKernel({
  id: "source",
  output: RawData,
  async run(ctx) {
    // @ts-expect-error a source receives nothing
    (await ctx.receive()).values;
  },
});
defineKernel({
  id: "sink",
  input: RawData,
  async run(ctx) {
    // @ts-expect-error a sink sends nothing
    await ctx.send(raw);
  },
});

// ── definitions
// @ts-expect-error a kernel has one body
defineKernel({ id: "k", input: RawData, output: RawData, handle: (m) => m, async run() {} });
// @ts-expect-error and at least one
defineKernel({ id: "k", input: RawData, output: RawData });
// @ts-expect-error and an id
defineKernel({ input: RawData, async run() {} });
// @ts-expect-error the answer is not the declared output
defineKernel({ id: "k", input: RawData, output: Preprocessed, handle: (m) => m });
// @ts-expect-error nor is one of several
defineKernel({ id: "k", input: RawData, output: Preprocessed, handle: (m) => [Preprocessed({ normalized: [] }), m] });
// @ts-expect-error nor is one that comes later
defineKernel({ id: "k", input: RawData, output: Preprocessed, handle: async (m) => m });
// @ts-expect-error a sink answers nothing
defineKernel({ id: "k", input: RawData, handle: (m) => m });
// @ts-expect-error no such strategy
defineKernel({ id: "k", input: RawData, backpressure: "drop-newest", async run() {} });
// @ts-expect-error no such option
defineKernel({ id: "k", input: RawData, queuesize: 3, async run() {} });
// @ts-expect-error no such action
defineKernel({ id: "k", input: RawData, handle() {}, onError: "ignore" });
// @ts-expect-error the replacement is not what the kernel sends
defineKernel({ id: "k", input: RawData, output: Preprocessed, handle() {}, onError: () => raw });
// @ts-expect-error a loop of one's own catches its own errors
defineKernel({ id: "k", input: RawData, async run() {}, onError: "retry" });
// @ts-expect-error what `handle` has in hand is settled when it returns
defineKernel({ id: "k", input: RawData, handle() {}, ack: "manual" });
// @ts-expect-error no such policy
defineKernel({ id: "k", input: RawData, supervise: { restart: "sometimes" }, handle() {} });
// @ts-expect-error a limit is a number of restarts in a window
defineKernel({ id: "k", input: RawData, supervise: { restart: "always", limit: { max: 3 } }, handle() {} });
// @ts-expect-error no such fate of what is in hand
defineKernel({ id: "k", input: RawData, supervise: { onCrash: "drop" }, handle() {} });
// @ts-expect-error no such moment for outputs to leave
defineKernel({ id: "k", input: RawData, supervise: { effects: "later" }, handle() {} });
// @ts-expect-error no such option of supervision
defineKernel({ id: "k", input: RawData, supervise: { retries: 3 }, handle() {} });
// @ts-expect-error an input is a message type, not a message
defineKernel({ id: "k", input: raw, async run() {} });
// @ts-expect-error a peer is an address, not a name
defineKernel({ id: "k", input: RawData, peers: { pre: "preprocess" }, async run() {} });
// @ts-expect-error a peer says what it takes
peer("stage3", { output: RawData });

// ── contexts
export function helpers(ctx: KernelContext<typeof raw, never>) {
  // @ts-expect-error a context that sends nothing does not stand for one that does
  const _: KernelContext<typeof raw, typeof raw> = ctx;
}

// ── a function for each type of message
// @ts-expect-error one is missing
defineKernel({ id: "k", input: [RawData, Other], output: Other, handle: { Other: (other) => other } });
defineKernel({
  id: "k",
  input: [RawData, Other],
  output: Other,
  // @ts-expect-error one is there for a message that the kernel does not take
  handle: { Other: (other) => other, RawData: () => Other({ n: 1 }), Preprocessed: () => undefined },
});
defineKernel({
  id: "k",
  input: [RawData, Other],
  output: Other,
  // @ts-expect-error one gives what the kernel does not send
  handle: { Other: (other) => other, RawData: (data) => data },
});
// @ts-expect-error a kernel without input is not called
defineKernel({ id: "k", output: Other, handle: {} });
