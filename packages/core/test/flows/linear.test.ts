import { afterEach, describe, expect, test } from "vitest";
import {
  body,
  createRuntime,
  defineKernel,
  defineMessage,
  isRinglineError,
  pipeline,
  type Runtime,
} from "../../src/index.js";
import { local } from "../support/local-backend.js";
import { codeOf, quiet, watch } from "../support/settling.js";

const N = defineMessage("N", body<{ readonly n: number }>());
const plus = (id: string, options: { readonly queueSize?: number } = {}) =>
  defineKernel({ id, input: N, output: N, ...options, handle: ({ n }) => N({ n: n + 1 }) });
const numbers = (count: number) => Array.from({ length: count }, (_, n) => N({ n }));

const runtimes: Runtime<"main">[] = [];
const runtime = () => {
  const made = createRuntime({ backend: local() });
  runtimes.push(made);
  made.on("error", () => {});
  return made;
};
afterEach(async () => {
  for (const made of runtimes.splice(0)) await made.dispose({ timeout: 100 });
});

const three = pipeline("three").stage(plus("a")).stage(plus("b")).stage(plus("c"));

describe("a pipeline", () => {
  test("gives back what process is fed, in order", async () => {
    const flow = await runtime().run(three);
    const seen: number[] = [];
    for await (const { n } of flow.process(numbers(1000))) seen.push(n);
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, n) => n + 3));
  });

  test("send and receive", async () => {
    const flow = await runtime().run(three);
    await Promise.all(numbers(50).map((message) => flow.send(message)));
    for (let n = 0; n < 50; n++) expect((await flow.receive({ timeout: 60_000 })).n).toBe(n + 3);
  });

  test("request gets its own answer", async () => {
    const flow = await runtime().run(three);
    const answers = await Promise.all(numbers(200).map((message) => flow.request(message, { timeout: 60_000 })));
    expect(answers.map(({ n }) => n)).toEqual(Array.from({ length: 200 }, (_, n) => n + 3));
  });

  test("names its kernels and frees them at the end", async () => {
    const made = runtime();
    const flow = await made.run(three);
    expect(made.kernels.map(({ id }) => id).sort()).toEqual(["three.a", "three.b", "three.c"]);
    const second = await made.run(three);
    expect(second.id).toBe("three#2");
    await flow.terminate();
    await second.terminate();
    expect(made.kernels).toEqual([]);
    expect(await codeOf(() => flow.send(N({ n: 1 })))).toBe("TERMINATED");
    expect((await made.run(three)).id).toBe("three");
  });

  test("keeps memory bounded when the last stage is slow", async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = defineKernel({ id: "slow", input: N, output: N, queueSize: 4, handle: (m) => gate.then(() => m) });
    const flow = await runtime().run(
      pipeline("p")
        .stage(plus("a", { queueSize: 4 }))
        .stage(slow),
      { maxInFlight: 6 },
    );
    let pulled = 0;
    function* endless() {
      for (;;) yield N({ n: pulled++ });
    }
    const outputs = flow.process(endless());
    const first = watch(outputs.next());
    await quiet();
    expect(pulled).toBe(6);
    expect(first.state).toBe("waits");
    release();
    for (let n = 0; n < 20; n++) await outputs.next();
    await outputs.return();
    const before = pulled;
    await quiet();
    expect(pulled).toBe(before);
  });

  test("leaving the loop calls the source's return and cancels what is queued", async () => {
    const made = runtime();
    const deadLetters: string[] = [];
    made.on("deadLetter", ({ reason }) => deadLetters.push(reason));
    const flow = await made.run(three);
    let isReturned = false;
    let pulled = 0;
    const source = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false as const, value: N({ n: pulled++ }) }),
        return: () => {
          isReturned = true;
          return { done: true as const, value: undefined };
        },
      }),
    };
    for await (const { n } of flow.process(source)) if (n > 10) break;
    expect(isReturned).toBe(true);
    const before = pulled;
    await quiet();
    expect(pulled).toBe(before);
    await flow.drain();
    expect(new Set(deadLetters)).toEqual(new Set(["CANCELLED"]));
    const { length } = deadLetters;
    expect(length).toBe(pulled - 9);
    const again: number[] = [];
    for await (const { n } of flow.process(numbers(5))) again.push(n);
    expect(again).toEqual([3, 4, 5, 6, 7]);
  });

  test("one process at a time", async () => {
    const flow = await runtime().run(three);
    const first = flow.process(numbers(3));
    await first.next();
    expect(await codeOf(() => flow.process(numbers(3)).next())).toBe("FLOW_BUSY");
    await first.return();
    expect((await flow.process(numbers(3)).next()).done).toBe(false);
  });

  test("an error of the source reaches the consumer", async () => {
    const flow = await runtime().run(three);
    function* broken() {
      yield N({ n: 1 });
      throw new Error("no more");
    }
    const outputs = flow.process(broken());
    await expect(
      (async () => {
        for await (const _ of outputs);
      })(),
    ).rejects.toThrow("no more");
    expect(await outputs.next()).toEqual({ done: true, value: undefined });
  });

  test("a signal ends process", async () => {
    const flow = await runtime().run(three);
    const controller = new AbortController();
    async function* never() {
      yield N({ n: 1 });
      await new Promise(() => {});
    }
    const outputs = flow.process(never(), { signal: controller.signal });
    expect((await outputs.next()).value?.n).toBe(4);
    const next = watch(outputs.next());
    controller.abort();
    await quiet();
    expect(next.state).toBe("ABORTED");
  });

  test("pause keeps what is queued, resume goes on", async () => {
    const flow = await runtime().run(three);
    await flow.pause();
    await flow.send(N({ n: 1 }));
    const got = watch(flow.receive());
    await quiet();
    expect(got.state).toBe("waits");
    await flow.resume();
    await quiet();
    expect(got.value?.n).toBe(4);
  });

  test("a request that is lost on the way is rejected at once, with the stage", async () => {
    const failing = defineKernel({
      id: "failing",
      input: N,
      output: N,
      handle: () => {
        throw new Error("broken");
      },
    });
    const flow = await runtime().run(pipeline("p").stage(plus("a")).stage(failing, { name: "parse" }).stage(plus("b")));
    const error = await flow.request(N({ n: 1 })).catch((thrown: unknown) => thrown);
    if (!isRinglineError(error, "KERNEL_FAILED")) throw error;
    expect(error.stage).toBe("parse");
    expect(error.kernelId).toBe("p.parse");
  });

  test("a request that is filtered gets NO_REPLY", async () => {
    const flow = await runtime().run(
      pipeline("p")
        .stage(plus("a"))
        .filter(({ n }) => n > 5)
        .stage(plus("b")),
    );
    expect(await codeOf(() => flow.request(N({ n: 1 })))).toBe("NO_REPLY");
    expect((await flow.request(N({ n: 10 }))).n).toBe(12);
  });
});
