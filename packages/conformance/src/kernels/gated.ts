import { defineKernel } from "@ringline/core";
import { Result, Task } from "./messages.js";
import { handler } from "./workers.js";

const module = import.meta.url;

/** Each task sent to it lets `gated` finish one of its own. */
export const permits = handler.as("permits");

/** A slow stage under the control of the host: it finishes a task when it gets a permit from the host. */
export const gated = defineKernel({
  id: "gated",
  module,
  input: [Task, Result],
  output: Result,
  peers: { permits },
  async handle({ n }, ctx) {
    await ctx.peers.permits.receive({ signal: ctx.signal });
    return Result({ n, by: ctx.kernelId, index: 0 });
  },
});
