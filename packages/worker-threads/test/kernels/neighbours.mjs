// Kernels that share segments of memory: what goes to one of them, or comes from it, stays long; what is the other's does not.
import { body, defineKernel, defineMessage } from "@ringline/core";

const module = import.meta.url;
export const Part = defineMessage(
  "Part",
  /** @type {typeof body<{ n: number, text?: string, dies?: boolean }>} */ (body)(),
);
const supervise = /** @type {const} */ ({
  restart: "on-failure",
  onCrash: "retry",
  limit: { max: 5, window: 60_000 },
  backoff: { initial: 1, max: 1, jitter: 0 },
});
const common = { module, input: Part, output: Part, supervise };

/** A kernel whose messages stay queued. */
export const slow = defineKernel({ ...common, id: "slow", handle: ({ n }) => Part({ n }) });

/** A kernel whose messages pass; one of them may end its thread. */
export const busy = defineKernel({
  ...common,
  id: "busy",
  queueSize: 256,
  supervise: { ...supervise, onCrash: "dead-letter" },
  handle: ({ n, text, dies }) => (dies ? process.exit(1) : n === -1 ? undefined : Part({ n, text: text ?? "" })),
});

/** Sends both what stays and what passes. */
export const source = defineKernel({
  ...common,
  id: "source",
  peers: { slow, busy },
  async handle({ n, text, dies }, ctx) {
    if (dies) process.exit(1);
    await ctx.sendTo("slow", Part({ n }));
    for (let i = 0; i < 130; i++) await ctx.sendTo("busy", Part({ n: -1, text: text ?? "" }));
    return Part({ n });
  },
});
