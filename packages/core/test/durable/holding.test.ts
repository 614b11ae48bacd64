import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import {
  body,
  createRuntime,
  defineKernel,
  defineMessage,
  graph,
  type MessageOf,
  type Runtime,
} from "../../src/index.js";
import { type MemoryKeeper, memoryKeeper } from "../../src/testing.js";
import { N, plus, range, stage } from "../support/flow-kit.js";
import { local } from "../support/local-backend.js";

const List = defineMessage("List", body<{ readonly of: readonly number[] }>());
const Sum = defineMessage(
  "Sum",
  body<{ readonly of: readonly number[]; readonly sum: number; readonly count: number }>(),
);
type Sum = MessageOf<typeof Sum>;

/** Sums its inputs: exact only if each input counts once, whichever program processes it. */
const sum = defineKernel({
  id: "sum",
  input: List,
  output: Sum,
  state: { durable: true, schema: z.object({ sum: z.number(), count: z.number() }) },
  async handle({ of }, ctx) {
    const before = ctx.restored ?? { sum: 0, count: 0 };
    const after = { sum: before.sum + of.reduce((a, b) => a + b, 0), count: before.count + of.length };
    await ctx.checkpoint(after);
    return Sum({ of: [...of], ...after });
  },
});

const programs: Runtime<"main">[] = [];
function program(keep: MemoryKeeper): Runtime<"main"> {
  const runtime = createRuntime({ backend: local(), keep });
  runtime.on("error", () => {});
  runtime.on("deadLetter", () => {});
  programs.push(runtime);
  return runtime;
}
const kill = () => Promise.all(programs.splice(0).map((runtime) => runtime.dispose({ timeout: 0 })));
afterEach(kill);

const idOf = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
const input = (n: number): N => N.parse({ type: "N", messageId: idOf(n), n });

const slow = stage("right", ({ n }) => new Promise((resolve) => setImmediate(() => resolve(N({ n: n + 1000 })))));

/** Two branches meet, batches of what they give, and a stage behind: inner edges where they are asked for. */
const holding = (isInner: boolean, linger: number | undefined) =>
  graph("holding", N, (entry, { join }) => {
    const first = entry.stage(plus("first", 0), { durable: true });
    const branches = { left: first.stage(plus("left", 100)), right: first.stage(slow) };
    return join(({ right }) => N({ n: right.n - 1000 }), branches, { timeout: 60_000 })
      .batch(({ items }) => List({ of: items.map(({ n }) => n) }), { max: 3, ...(linger && { linger }) })
      .stage(sum, { durable: isInner });
  });

test("batches and joins behind a durable edge, killed at any moment: each input is in one batch, and in the state once", {
  timeout: 120_000,
}, async () => {
  const COUNT = 20;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ turns: fc.nat(60), lost: fc.nat(8), reads: fc.nat(5) }), { maxLength: 6 }),
      fc.boolean(),
      fc.constantFrom(undefined, 1),
      async (incarnations, isInner, linger) => {
        let keep = memoryKeeper();
        let sent = 0;
        const read = new Map<string, Sum>();
        for (const life of [...incarnations, undefined]) {
          const flow = await program(keep).run(holding(isInner, linger));
          const mine = keep;
          const sending = (async () => {
            for (let n = sent; n < COUNT && mine === keep; n++) {
              await flow.send(input(n));
              if (mine === keep) sent = n + 1;
            }
          })().catch(() => {});
          const take = async (): Promise<boolean> => {
            const next = (await flow.receive({ timeout: 0 }).catch(() => undefined)) as Sum | undefined;
            if (next === undefined) return false;
            expect({ ...(read.get(next.messageId) ?? next) }).toEqual({ ...next }); // the same id has the same in it
            read.set(next.messageId, next);
            return true;
          };
          if (life === undefined) {
            await sending;
            let isDone = false;
            void flow.drain().then(() => {
              isDone = true;
            });
            while (!isDone || (await take())) await new Promise((resolve) => setImmediate(resolve));
            break;
          }
          for (let turn = 0, reads = 0; turn < life.turns; turn++) {
            await new Promise((resolve) => setImmediate(resolve));
            while (reads < life.reads && (await take())) reads++;
          }
          // what was sent and acknowledged is kept, and so is a batch that has gone on; the marks behind may be lost
          const kept = keep.records("holding");
          const tail = [...kept].reverse().findIndex(([kind]) => kind === "accepted" || kind === "passed");
          keep = keep.killed(Math.min(life.lost, tail === -1 ? kept.length : tail));
          await kill();
        }
        await kill();
        expect([...read.values()].flatMap(({ of }) => of).sort((a, b) => a - b)).toEqual(range(COUNT));
        // the state was never ahead of what was made of it, nor behind
        let [total, count] = [0, 0];
        for (const one of [...read.values()].sort((a, b) => a.count - b.count)) {
          total += one.of.reduce((a, b) => a + b, 0);
          count += one.of.length;
          expect(one).toMatchObject({ sum: total, count });
        }
      },
    ),
    { numRuns: Number(process.env["DURABLE_RUNS"] ?? 60) },
  );
});

test("a join of what a batch made is refused in a durable topology", async () => {
  const refused = graph("refused", N, (entry, { join }) => {
    const batched = entry.stage(plus("first"), { durable: true }).batch(({ items }) => items[0] as N, { max: 2 });
    const branches = { left: batched.stage(plus("left")), right: batched.stage(plus("right")) };
    return join(({ left }) => left, branches, { timeout: 60_000 });
  });
  await expect(program(memoryKeeper()).run(refused)).rejects.toMatchObject({ code: "INVALID_TOPOLOGY" });
});
