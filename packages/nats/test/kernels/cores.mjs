import { threadId } from "node:worker_threads";
import { body, defineComputeKernel, defineKernel, defineMessage, f32, struct } from "@ringline/core";

export const Where = defineMessage(
  "Where",
  /** @type {import("@ringline/core").TypeOnly<{ process: number, thread: number }>} */ (body()),
);
export const Ask = defineMessage("Ask", /** @type {import("@ringline/core").TypeOnly<{ fault: boolean }>} */ (body()));

const shared = /** @type {const} */ ({
  module: import.meta.url,
  input: Ask,
  output: Where,
  supervise: { restart: "on-failure", onCrash: "retry" },
});

/** Tells where it runs; or ends the thread in which it does. @param {{ fault: boolean }} ask */
function where({ fault }) {
  if (fault) {
    setImmediate(() => {
      throw new Error("a fault of a timer");
    });
  }
  return Where({ process: process.pid, thread: threadId });
}

export const first = defineKernel({ ...shared, id: "first", handle: where });
export const second = defineKernel({ ...shared, id: "second", handle: where });

export const X = defineMessage("X", struct({ x: f32 }));

export const square = defineComputeKernel({
  id: "square",
  module: import.meta.url,
  kind: "map",
  input: X,
  output: X,
  tolerance: 0,
  host: ({ x }) => ({ x: x * x }),
  wgsl: "fn map(m: X) -> X { return X(m.x * m.x); }",
});
