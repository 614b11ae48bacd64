import { body, defineKernel, defineMessage, isRinglineError, type MessageOf } from "@ringline/core";
import { soon } from "../patience.js";

const module = import.meta.url;

export const Get = defineMessage("Get");
/** `as`: the type of the reply, which may be the wrong one. */
export const Add = defineMessage("Add", body<{ readonly n: number; readonly as?: "Ok" | "Sum" }>());
export const Sum = defineMessage("Sum", body<{ readonly sum: number }>());
export const Ok = defineMessage("Ok");
type Add = MessageOf<typeof Add>;

const kind = { module, input: [Get, Add], replies: { Get: Sum, Add: Ok } } as const;
/** The wrong reply does not compile. */
const replyTo = ({ n, as = "Ok" }: Add): never => (as === "Ok" ? Ok() : Sum({ sum: n })) as never;

/** Replies to a `Get` with a `Sum`, and sends an `Ok` after it; replies to an `Add` with what the message says. */
export const counter = defineKernel({
  id: "counter",
  ...kind,
  handle: { Get: () => [Sum({ sum: 0 }), Ok()], Add: replyTo },
});

/** As `counter`, with outputs that leave when their input settles. */
export const committingCounter = defineKernel({
  id: "committingCounter",
  ...kind,
  supervise: { effects: "commit" },
  handle: { Get: () => [Sum({ sum: 0 }), Ok()], Add: replyTo },
});

/** Fails at each message; the replacement of its result is what the message says. */
export const replacingCounter = defineKernel({
  id: "replacingCounter",
  ...kind,
  onError: (_error, message) => (message.type === "Add" ? replyTo(message) : Sum({ sum: 0 })),
  handle() {
    throw new RangeError("there is no sum");
  },
});

/** As `counter`, as a loop; where its reply is rejected with the right code, it sends the right one, and a `Sum` after it. */
export const countingLoop = defineKernel({
  id: "countingLoop",
  ...kind,
  async run(ctx) {
    for await (const message of ctx) {
      if (message.type === "Get") {
        for (const output of [Sum({ sum: 0 }), Ok()]) await ctx.send(output);
        continue;
      }
      try {
        await ctx.send(replyTo(message));
      } catch (error) {
        await ctx.send(Ok());
        if (isRinglineError(error, "TYPE_MISMATCH")) await ctx.send(Sum({ sum: message.n }));
      }
    }
  },
});

/** Asks a counter for its sum after an addition. */
export const accountant = defineKernel({
  id: "accountant",
  module,
  input: Add,
  output: Sum,
  peers: { counter },
  async handle(add, { peers }) {
    const added = await peers.counter.request(add, soon);
    const { sum } = await peers.counter.request(Get(), soon);
    return added.type === "Ok" ? Sum({ sum: sum + add.n }) : undefined;
  },
});
