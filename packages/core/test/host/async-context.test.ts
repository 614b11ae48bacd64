import { AsyncLocalStorage } from "node:async_hooks";
import { body, createRuntime, defineKernel, defineMessage, pipeline } from "@ringline/core";
import { expect, test } from "vitest";
import { local } from "../support/local-backend.js";

const Job = defineMessage("Job", body<{ caller: number }>());
const Seen = defineMessage("Seen", body<{ stores: readonly (number | string | undefined)[] }>());
const store = new AsyncLocalStorage<number | string>();
const yielded = () => new Promise(setImmediate);

const handles = defineKernel({
  id: "handles",
  input: Job,
  output: Seen,
  async handle() {
    const atOnce = store.getStore();
    await yielded();
    return Seen({ stores: [atOnce, store.getStore()] });
  },
});
const loops = defineKernel({
  id: "loops",
  input: Job,
  output: Seen,
  async run(ctx) {
    for await (const job of ctx) await ctx.send(Seen({ stores: [store.getStore()] }, { replyTo: job }));
  },
});
const job = (caller: number) => Job({ caller });

test.each([handles, loops])("$id runs in the context of its launch, never in that of a caller", async (kernel) => {
  await using runtime = createRuntime({ backend: local() });
  await store.run("launch", () => runtime.start(kernel, { queueSize: 16 }));
  const ask = (n: number) => store.run(n, () => runtime.request(kernel, job(n)));
  const answers = await Promise.all(Array.from({ length: 10_000 }, (_, n) => ask(n)));
  expect([...new Set(answers.flatMap(({ stores }) => stores))]).toEqual(["launch"]);
});

test("so do the stages of a flow, also behind one another and after a failure", async () => {
  await using runtime = createRuntime({ backend: local() });
  using _ = runtime.on("error", () => {});
  const sink = defineKernel({ id: "onward", input: Job, output: Job, handle: ({ caller }) => Job({ caller }) });
  const failing = defineKernel({
    id: "failing",
    input: Job,
    output: Seen,
    handle(): never {
      throw new Error("on purpose");
    },
    onError: async () => {
      await yielded();
      return Seen({ stores: [store.getStore()] });
    },
  });
  const flow = await runtime.run(pipeline("p").stage(sink, { workers: 3 }).stage(failing, { workers: 2 }));
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, n) => store.run(n, () => flow.request(job(n)))));
  expect(answers.every((answer) => Seen.is(answer) && answer.stores[0] === undefined)).toBe(true);
});
