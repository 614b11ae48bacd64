import { afterEach, expect, test } from "vitest";
import { createRuntime, type DurableState, defineKernel, pipeline, type Runtime } from "../../src/index.js";
import { type MemoryKeeper, memoryKeeper } from "../../src/testing.js";
import { N, range } from "../support/flow-kit.js";
import { local } from "../support/local-backend.js";
import { codeOf, quiet } from "../support/settling.js";

const programs: Runtime<"main">[] = [];
function program(keep?: MemoryKeeper): Runtime<"main"> {
  const runtime = createRuntime({ backend: local(), ...(keep && { keep }) });
  runtime.on("error", () => {});
  programs.push(runtime);
  return runtime;
}
afterEach(async () => {
  await Promise.all(programs.splice(0).map((runtime) => runtime.dispose({ timeout: 0 })));
});

/** Adds up what comes, and saves the sum where it is told to. */
const adder = (state: DurableState<number>, saves: (n: number) => boolean = () => true) =>
  defineKernel({
    id: "adder",
    input: N,
    output: N,
    state,
    async handle({ n }, ctx) {
      const sum = ((ctx.restored as number | undefined) ?? 0) + n;
      if (saves(n)) await ctx.checkpoint(sum);
      return N({ n: sum });
    },
  });

async function sums(runtime: Runtime<"main">, kernel: ReturnType<typeof adder>, ...inputs: readonly number[]) {
  await runtime.start(kernel);
  const outputs: number[] = [];
  for (const n of inputs) outputs.push((await runtime.request(kernel, N({ n }))).n);
  return outputs;
}

test("a kernel begins with the latest checkpoint of an earlier program", async () => {
  const keep = memoryKeeper();
  expect(await sums(program(keep), adder({ durable: true }), 1, 2, 3)).toEqual([1, 3, 6]);
  await quiet();
  expect(await sums(program(keep.killed()), adder({ durable: true }), 4)).toEqual([10]);
});

test("a state of an older version is migrated, or refused by name; so is a newer one", async () => {
  const keep = memoryKeeper();
  await sums(program(keep), adder({ durable: true, version: 2 }), 5);
  await quiet();
  const next = program(keep.killed());
  const refusal = await next.launch(adder({ durable: true, version: 3 })).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "STATE_VERSION", kernelId: "adder", details: { version: 2, known: 3 } });
  expect(await codeOf(() => next.launch(adder({ durable: true })))).toBe("STATE_VERSION");
  const broken = () => {
    throw new Error("no way");
  };
  expect(await codeOf(() => next.launch(adder({ durable: true, version: 3, migrate: broken })))).toBe("STATE_VERSION");
  const migrate = (state: unknown, version: number) => (state as number) * 100 + version;
  expect(await sums(next, adder({ durable: true, version: 3, migrate }), 1)).toEqual([503]);
});

test("a stage of a durable flow has its state again, however much went through since", {
  timeout: 60_000,
}, async () => {
  const keep = memoryKeeper();
  const line = pipeline("line").stage(
    adder({ durable: true }, (n) => n === 7),
    { durable: true },
  );
  const flow = await program(keep).run(line);
  const through = async (values: readonly number[]) => {
    for (const n of values) await flow.send(N({ n }));
    let last = 0;
    for (const _ of values) last = (await flow.receive()).n;
    return last;
  };
  expect(await through([7])).toBe(7);
  for (const _ of range(12)) await through(range(1000).map(() => 1));
  await quiet();
  expect(keep.records("line").length).toBeLessThan(25_000); // of 36,000
  const next = await program(keep.killed()).run(line);
  await next.send(N({ n: 2 }));
  expect((await next.receive()).n).toBe(9);
});

test("what it refuses", async () => {
  expect(await codeOf(() => program().launch(adder({ durable: true })))).toBe("UNSUPPORTED");
  // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
  const wrong: any[] = [{ durable: false }, { durable: true, version: 0 }, { durable: true, migrate: 1 }];
  for (const state of [...wrong, { durable: true, more: 1 }, { durable: true, schema: {} }]) {
    expect(await codeOf(async () => adder(state))).toBe("INVALID_ARGUMENT");
  }
});
