import { threadId } from "node:worker_threads";
import { body, defineKernel, defineMessage } from "@ringline/core";

const module = import.meta.url;
export const Job = defineMessage("Job", /** @type {typeof body<{ n: number, fault?: string }>} */ (body)());
export const Done = defineMessage("Done", /** @type {typeof body<{ n: number }>} */ (body)());
const common = { module, input: Job, output: Done };
const quick = { backoff: { initial: 1, max: 1, jitter: 0 } };

/** @type {Record<string, () => unknown>} */
const faults = {
  exit: () => process.exit(1),
  "exit with 0": () => process.exit(0),
  "unhandled rejection": () => void Promise.reject(new Error("nobody handles this")),
  "exception in a timer": () =>
    void setTimeout(() => {
      throw new Error("thrown by a timer");
    }),
  "endless loop": () => {
    for (;;);
  },
  slow: () => new Promise((resolve) => setTimeout(resolve, 120)),
  error: () => {
    throw new Error("thrown by its body");
  },
  "out of memory": () => {
    const hoard = [];
    for (;;) hoard.push(new Array(1e6).fill({}));
  },
};

/** Does its job, or what ends its thread: once, as a retry finds the fault gone. */
export const faulty = defineKernel({
  ...common,
  id: "faulty",
  supervise: { restart: "on-failure", onCrash: "dead-letter", limit: { max: 5, window: 60_000 }, ...quick },
  async handle({ n, fault }) {
    if (fault !== undefined) {
      await faults[fault]?.();
      if (fault !== "slow") await new Promise(() => {}); // the thread ends meanwhile
    }
    return Done({ n });
  },
});

/** Shares its thread with the other, and may not restart by its own fault. */
export const calm = defineKernel({
  ...common,
  id: "calm",
  supervise: { restart: "on-failure", onCrash: "retry", limit: { max: 0, window: 60_000 }, ...quick },
  handle: ({ n }) => Done({ n }),
});

/** A kernel that fails for good with its first thread. */
export const mortal = defineKernel({ ...common, id: "mortal", handle: ({ n }) => Done({ n }) });

/** Says on which thread it is. */
export const whereabouts = defineKernel({ ...common, id: "whereabouts", handle: () => Done({ n: threadId }) });

/** Comes behind another one. */
export const behind = defineKernel({ module, input: Done, output: Done, id: "behind", handle: ({ n }) => Done({ n }) });

/** Throws where it is called. */
export const thrower = defineKernel({
  ...common,
  id: "thrower",
  handle() {
    throw new Error("on purpose");
  },
});

export const Item = defineMessage("Item", /** @type {typeof body<{ n: number, dies?: string }>} */ (body)());

/** @param {string} id */
const stage = (id) =>
  defineKernel({
    module,
    id,
    input: Item,
    output: Item,
    queueSize: 16,
    supervise: { restart: "on-failure", onCrash: "dead-letter", limit: { max: 5, window: 60_000 }, ...quick },
    handle: ({ n, dies }) => (dies === id ? process.exit(1) : Item(dies === undefined ? { n } : { n, dies })),
  });

/** Stages of a flow, of which the one that an item names ends its thread. */
export const first = stage("first");
export const second = stage("second");
export const third = stage("third");
