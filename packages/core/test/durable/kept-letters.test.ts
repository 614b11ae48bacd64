import { afterEach, describe, expect, test } from "vitest";
import {
  createRuntime,
  type DeadLetter,
  type DeadLetterJson,
  isRinglineError,
  pipeline,
  type Runtime,
} from "../../src/index.js";
import { type MemoryKeeper, memoryKeeper } from "../../src/testing.js";
import { door, N, numbers, plus, range, stage } from "../support/flow-kit.js";
import { local } from "../support/local-backend.js";
import { codeOf, quiet } from "../support/settling.js";

interface Program {
  readonly runtime: Runtime<"main">;
  readonly told: string[];
}
const programs: Program[] = [];
function program(keep: MemoryKeeper | undefined, name = "letters", deadLetterLimit?: number): Program {
  const runtime = createRuntime({
    ...{ backend: local(), keepDeadLetters: name, ...(keep && { keep }) },
    ...(deadLetterLimit !== undefined && { deadLetterLimit }),
  });
  const told: string[] = [];
  runtime.on("error", ({ code }) => told.push(code));
  runtime.on("deadLetter", () => {});
  programs.push({ runtime, told });
  return { runtime, told };
}
afterEach(async () => {
  await Promise.all(programs.splice(0).map(({ runtime }) => runtime.dispose({ timeout: 0 })));
});

const LOG = "dead letters letters";
const numberOf = ({ message }: DeadLetter) => (message as N).n;
const found = async (keep: MemoryKeeper, name?: string): Promise<readonly DeadLetter[]> => {
  const { runtime } = program(keep, name);
  await runtime.deadLetters.kept();
  return runtime.deadLetters.peek();
};
const faulty = stage("faulty", () => {
  throw new RangeError("too far", { cause: new TypeError("of no type") });
});
/** Sends numbers to a kernel that fails, and waits for their dead letters to be stored. */
async function fail({ runtime }: Program, count: number): Promise<void> {
  const handle = await runtime.start(faulty);
  for (const one of numbers(count)) await handle.send(one);
  await expect.poll(() => runtime.deadLetters.size).toBe(count);
  await runtime.deadLetters.kept();
}

describe("dead letters that are kept", () => {
  test("the next program finds all of a dead letter", async () => {
    const keep = memoryKeeper();
    const first = program(keep);
    const handle = await first.runtime.start(faulty);
    const message = N({ n: 5 }, { priority: 7, key: "five" });
    await handle.send(message);
    await expect.poll(() => first.runtime.deadLetters.size).toBe(1);
    await first.runtime.deadLetters.kept();
    const [before] = first.runtime.deadLetters.peek();
    const [letter] = await found(keep.killed());
    expect(letter).toMatchObject({ reason: "KERNEL_FAILED", kernelId: "faulty", stage: null, attempts: 1 });
    expect(letter?.at).toBe(before?.at);
    expect(letter?.message).toMatchObject({ type: "N", n: 5, messageId: message.messageId, priority: 7 });
    expect(N.is(letter?.message)).toBe(true);
    const error = letter?.error;
    expect(isRinglineError(error, "KERNEL_FAILED")).toBe(true);
    expect(error?.toJSON()).toEqual(before?.error.toJSON());
    expect(error?.stack).toBe(before?.error.stack);
    expect(error?.cause).toMatchObject({ name: "RangeError", message: "too far", cause: { message: "of no type" } });
  });

  test("what is taken, discarded or replayed does not come again; what was not done yet stays", async () => {
    const keep = memoryKeeper();
    const first = program(keep);
    await fail(first, 6);
    const { deadLetters } = first.runtime;
    const other = await first.runtime.start(plus("other"));
    deadLetters.discard(deadLetters.peek().slice(0, 1));
    expect(await deadLetters.replay(deadLetters.peek().slice(0, 2), { to: other })).toBe(2);
    await deadLetters.kept();
    const second = program(keep.killed());
    await second.runtime.deadLetters.kept();
    expect(second.runtime.deadLetters.peek().map(numberOf)).toEqual([3, 4, 5]);
    const again = await second.runtime.start(plus("faulty"));
    expect(await second.runtime.deadLetters.replay(second.runtime.deadLetters.peek().slice(0, 1))).toBe(1);
    expect((await again.receive()).n).toBe(4);
    expect(second.runtime.deadLetters.take().map(numberOf)).toEqual([4, 5]);
    await second.runtime.dispose();
    expect(keep.records(LOG)).toHaveLength(9); // the killed keeper got nothing more
    expect(await found(keep)).toHaveLength(3);
  });

  test("the launch of a kernel waits for them; names are apart; what nobody processed is kept as well", async () => {
    const keep = memoryKeeper();
    const first = program(keep);
    const handle = await first.runtime.launch(plus("p"));
    await handle.send(N({ n: 1 }));
    await first.runtime.dispose();
    const second = program(keep);
    await second.runtime.launch(plus("other"));
    expect(second.runtime.deadLetters.peek()).toMatchObject([{ reason: "TERMINATED", kernelId: "p" }]);
    expect(await found(keep, "others")).toEqual([]);
  });

  test("without a keeper, launches say how to have one", async () => {
    const { runtime } = program(undefined);
    expect(await codeOf(() => runtime.launch(plus("p")))).toBe("UNSUPPORTED");
    expect(await codeOf(() => runtime.deadLetters.kept())).toBe("UNSUPPORTED");
    const make = (name: unknown) => createRuntime({ backend: local(), keepDeadLetters: name as string });
    expect(await codeOf(() => make(""))).toBe("INVALID_ARGUMENT");
    expect(await codeOf(() => make(5))).toBe("INVALID_ARGUMENT");
    await using plain = createRuntime({ backend: local() });
    await plain.deadLetters.kept();
  });

  test("a message that the keeper cannot store is told, and stays in memory", async () => {
    const keep = memoryKeeper();
    const first = program(keep);
    const handle = await first.runtime.start(faulty);
    await handle.send(N({ n: (() => 1) as never }));
    await expect.poll(() => first.runtime.deadLetters.size).toBe(1);
    expect(first.told).toEqual(["KERNEL_FAILED", "SERIALIZATION"]);
    expect(await found(keep)).toEqual([]);
  });

  test("whoever takes them over has them, and the program before is told", async () => {
    const keep = memoryKeeper();
    const first = program(keep);
    await fail(first, 3);
    expect((await found(keep)).map(numberOf)).toEqual([0, 1, 2]);
    await expect.poll(() => first.told.at(-1)).toBe("FLOW_TAKEN");
    expect(first.runtime.deadLetters.size).toBe(0);
    await first.runtime.send("faulty", N({ n: 9 }));
    await expect.poll(() => first.runtime.deadLetters.size).toBe(1);
    expect(await codeOf(() => first.runtime.deadLetters.kept())).toBe("FLOW_TAKEN");
  });

  test("the log stays in proportion to what is kept, also beside a dead letter that stays", async () => {
    const keep = memoryKeeper();
    const { runtime } = program(keep, "letters", 100);
    const handle = await runtime.start(faulty);
    for (const n of range(10_000)) await handle.send(N({ n }));
    await expect.poll(() => runtime.deadLetters.evicted).toBe(9_900);
    await runtime.deadLetters.kept();
    expect(keep.records(LOG).length).toBeLessThan(25_000);
    const after = keep.killed();
    const { runtime: other } = program(after);
    await other.deadLetters.kept();
    expect(other.deadLetters.peek().map(numberOf)).toEqual(range(100).map((n) => 9_900 + n));
    const letters = other.deadLetters.peek();
    other.deadLetters.discard(letters.slice(1));
    const faults = await other.start(faulty);
    for (const n of range(5_000)) {
      await faults.send(N({ n }));
      if (n % 100 === 99) other.deadLetters.discard(other.deadLetters.peek().slice(1));
    }
    await quiet();
    expect(other.deadLetters.peek()[0]).toBe(letters[0]);
    await other.deadLetters.kept();
    expect(after.records(LOG).length).toBeLessThan(25_000);
  });

  test("a dead letter as JSON, and back", async () => {
    const { runtime } = program(memoryKeeper());
    await fail({ runtime, told: [] }, 1);
    const json = JSON.parse(JSON.stringify(runtime.deadLetters.peek())) as DeadLetterJson[];
    expect(json).toEqual([
      {
        message: { type: "N", messageId: expect.any(String), priority: 128, correlationId: null, n: 0 },
        reason: "KERNEL_FAILED",
        error: {
          ...{
            name: "RinglineError [KERNEL_FAILED]",
            code: "KERNEL_FAILED",
            message: expect.stringContaining("too far"),
          },
          ...{ details: { restarts: 0 }, remedy: expect.any(String), stage: null },
          ...{ kernelId: "faulty", messageId: json[0]?.message.messageId },
        },
        ...{ kernelId: "faulty", stage: null, attempts: 1, at: expect.any(Number) },
      },
    ]);
    const other = await runtime.start(plus("other"));
    const letters = json.map((one) => ({ ...one, error: runtime.deadLetters.peek()[0]!.error }));
    expect(await runtime.deadLetters.replay(letters as never, { to: other })).toBe(1);
    expect((await other.receive()).n).toBe(1);
  });
});

describe("dead letters of a durable flow", () => {
  const odd = stage("odd", ({ n }) => {
    if (n % 2 === 0) throw new Error("even");
    return N({ n });
  });
  const line = pipeline("line").stage(plus("first", 0), { durable: true }).stage(odd);

  test("killed at any moment: each input is an output or a dead letter, never neither", async () => {
    const keep = memoryKeeper();
    let current = keep;
    const outputs = new Map<string, number>();
    const dead = new Map<string, number>();
    for (let life = 0; life < 12; life++) {
      const { runtime } = program(current);
      const flow = await runtime.run(line);
      for (const n of range(10)) {
        const input = N({ n: life * 10 + n }, { key: `${life * 10 + n}` });
        await flow.send(input, { timeout: 1000 });
        if (n % 3 === 0) {
          const output = await flow.receive({ timeout: 0 }).catch(() => undefined);
          if (output !== undefined) outputs.set(output.messageId, output.n);
        }
      }
      for (let turns = life % 5; turns > 0; turns--) await Promise.resolve();
      if (life < 11) current = current.killed();
      else {
        await flow.drain({ timeout: 1000 }).catch(() => {});
        for (;;) {
          const output = await flow.receive({ timeout: 50 }).catch(() => undefined);
          if (output === undefined) break;
          outputs.set(output.messageId, output.n);
        }
        await runtime.deadLetters.kept();
      }
    }
    for (const letter of await found(current.killed())) {
      expect(dead.has(letter.message.messageId)).toBe(false); // one dead letter for a message
      dead.set(letter.message.messageId, numberOf(letter));
    }
    const sorted = (all: Iterable<number>) => [...all].sort((a, b) => a - b);
    expect(sorted(outputs.values())).toEqual(range(120).filter((n) => n % 2 === 1));
    expect(sorted(dead.values())).toEqual(range(120).filter((n) => n % 2 === 0));
  });

  test("what comes again in the next program is no dead letter there", async () => {
    const keep = memoryKeeper();
    const held = door();
    const stuck = pipeline("line").stage(
      stage("first", (m) => held.opened.then(() => m)),
      { durable: true },
    );
    const first = program(keep);
    const flow = await first.runtime.run(stuck);
    for (const one of numbers(3)) await flow.send(one);
    await first.runtime.dispose({ timeout: 0 });
    const second = program(keep);
    const next = await second.runtime.run(pipeline("line").stage(plus("first", 0), { durable: true }));
    expect(second.runtime.deadLetters.size).toBe(0);
    for (const n of range(3)) expect((await next.receive()).n).toBe(n);
  });

  test("a replay at a stage without a durable edge outlives the program, too", async () => {
    const keep = memoryKeeper();
    const first = program(keep);
    const flow = await first.runtime.run(line);
    await flow.send(N({ n: 4 }, { key: "four" }));
    await expect.poll(() => flow.deadLetters.size).toBe(1);
    await first.runtime.deadLetters.kept();
    const held = door();
    const slow = pipeline("line")
      .stage(plus("first", 0), { durable: true })
      .stage(stage("odd", (m) => held.opened.then(() => m)));
    const after = keep.killed();
    const second = program(after);
    const again = await second.runtime.run(slow);
    expect(await again.deadLetters.replay(again.deadLetters.peek(), { timeout: 1000 })).toBe(1);
    await second.runtime.deadLetters.kept();
    const third = program(after.killed());
    const last = await third.runtime.run(
      pipeline("line").stage(plus("first", 0), { durable: true }).stage(plus("odd", 10)),
    );
    expect((await last.receive({ timeout: 1000 })).n).toBe(14);
    expect(third.runtime.deadLetters.size).toBe(0);
    await last.drain();
  });
});
