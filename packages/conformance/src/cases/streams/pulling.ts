import { type Flow, pipeline } from "@ringline/core";
import { deepEqual, equal, ok, PATIENCE, rejects, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { handler } from "../../kernels/workers.js";
import { countingSignal } from "../../support/counting-signal.js";
import { outputsOf } from "../../support/flows.js";
import { range, tasks } from "../../support/handle.js";
import { watchedSource } from "../../support/watched-source.js";
import type { Trial } from "../../trial.js";

type Line = Flow<Task, { readonly n: number } & object>;
const line = pipeline("line").stage(handler).stage(passer);
const start = (trial: Trial, maxInFlight = 8) => trial.runtime().run(line, { maxInFlight });
const numbers = (all: readonly { readonly n: number }[]) => all.map(({ n }) => n);

function rule(name: string, run: (flow: Awaited<ReturnType<typeof start>>, trial: Trial) => Promise<void>): Case {
  return { law: 12, name: `process: ${name}`, run: async (trial) => run(await start(trial), trial) };
}

/** Checks that the flow can be used again: nothing of an earlier `process` is left. */
async function isFree(flow: Pick<Line, "process">): Promise<void> {
  deepEqual(numbers(await outputsOf(flow as never, tasks(20))), range(20), "outputs of the next process");
}

const next = (stream: AsyncIterator<unknown>, what = "next") => within(PATIENCE, stream.next(), what);

/** Cases about `process` as the consumer of a source and as a source for its reader. */
export const pulling: readonly Case[] = [
  rule("nothing is pulled, and no iterator made, before the first read", async (flow) => {
    const source = watchedSource(5);
    const stream = flow.process(source);
    await new Promise((resolve) => setTimeout(resolve, 5));
    deepEqual([source.calls.iterators, source.calls.nexts], [0, 0], "calls before the first read");
    await next(stream);
    equal(source.calls.iterators, 1, "iterators");
    await within(PATIENCE, stream.return(undefined), "return");
  }),
  rule("its iterator is itself, and is made once", async (flow) => {
    const source = watchedSource(3);
    const stream = flow.process(source);
    ok(stream[Symbol.asyncIterator]() === stream, "the iterator of a process is the process");
    for await (const _ of stream);
    equal(source.calls.iterators, 1, "iterators of the source");
  }),
  rule("the source is asked for one message at a time", async (flow) => {
    const source = watchedSource(100, { slow: true });
    deepEqual(numbers(await outputsOf(flow, source)), range(100), "outputs");
    equal(source.calls.most, 1, "calls of next at the same time");
  }),
  rule("no more is pulled than there is room for while nobody reads", async (flow) => {
    const source = watchedSource(10_000);
    const stream = flow.process(source);
    await next(stream);
    let before = -1;
    await until("a source that rests", async () => {
      const isAtRest = before === source.calls.nexts;
      before = source.calls.nexts;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return isAtRest;
    });
    ok(source.calls.nexts < 200, `${source.calls.nexts} messages were pulled for one that was read`);
    await within(PATIENCE, stream.return(undefined), "return");
  }),
  rule("each read lets the source go on", async (flow) => {
    const stream = flow.process(watchedSource(300));
    for (const n of range(300)) equal(((await next(stream)).value as { readonly n: number }).n, n, "output");
    equal((await next(stream)).done, true, "done");
  }),
  rule("an end is asked for once, and return is not called after it", async (flow) => {
    const source = watchedSource(7);
    await outputsOf(flow, source);
    deepEqual([source.calls.nexts, source.calls.late, source.calls.returns], [8, 0, 0], "next, late next, return");
  }),
  rule("an error comes out as it is, once, and is the end", async (flow) => {
    const broken = new RangeError("the source is broken");
    const source = watchedSource(3, { fails: broken });
    const stream = flow.process(source);
    const error = await outputsOf({ process: () => stream }, []).catch((thrown) => thrown);
    ok(error === broken, "the error of the source itself");
    for (let i = 0; i < 2; i++) equal((await next(stream)).done, true, "done after the error");
    deepEqual([source.calls.late, source.calls.returns], [0, 0], "late next, return");
    await isFree(flow);
  }),
  rule("leaving the loop calls return once, and pulls nothing afterwards", async (flow) => {
    let isReturned = false;
    const returns = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      isReturned = true;
    };
    const source = watchedSource(1000, { returns });
    const leave = async () => {
      for await (const _ of flow.process(source)) break;
    };
    await within(PATIENCE, leave(), "the loop");
    await until("the end of return", () => isReturned); // a pull under way is not waited for
    await isFree(flow);
    deepEqual([source.calls.returns, source.calls.late], [1, 0], "return, late next");
  }),
  rule("an error in the loop calls return, and comes out", async (flow) => {
    const source = watchedSource(1000);
    const failing = async () => {
      for await (const _ of flow.process(source)) throw new RangeError("the loop is broken");
    };
    ok((await failing().catch((thrown) => thrown)) instanceof RangeError, "the error of the loop");
    deepEqual([source.calls.returns, source.calls.late], [1, 0], "return, late next");
    await isFree(flow);
  }),
  rule("what was read before it is left is not read twice, and what was not is no output any more", async (flow) => {
    const seen: number[] = [];
    for await (const { n } of flow.process(watchedSource(50))) {
      seen.push(n);
      if (n === 9) break;
    }
    deepEqual(seen, range(10), "outputs");
    await isFree(flow);
  }),
  rule("return before the first read touches no source and makes an end", async (flow) => {
    const source = watchedSource(3);
    const stream = flow.process(source);
    equal((await within(PATIENCE, stream.return(undefined), "return")).done, true, "done");
    equal((await next(stream)).done, true, "done of the next read");
    deepEqual([source.calls.iterators, source.calls.nexts, source.calls.returns], [0, 0, 0], "calls of the source");
    await isFree(flow);
  }),
  rule("return twice is one return", async (flow) => {
    const source = watchedSource(1000);
    const stream = flow.process(source);
    await next(stream);
    await within(PATIENCE, Promise.all([stream.return(undefined), stream.return(undefined)]), "return");
    equal((await within(PATIENCE, stream.return(undefined), "return again")).done, true, "done");
    equal(source.calls.returns, 1, "return of the source");
  }),
  rule("throw comes back, and calls return of the source", async (flow) => {
    const source = watchedSource(1000);
    const stream = flow.process(source);
    await next(stream);
    const thrown = new RangeError("thrown in");
    ok(
      (await within(
        PATIENCE,
        stream.throw(thrown).catch((error) => error),
        "throw",
      )) === thrown,
      "the same error",
    );
    equal(source.calls.returns, 1, "return of the source");
    equal((await next(stream)).done, true, "done");
    await isFree(flow);
  }),
  rule("reads at the same time settle in their order", async (flow) => {
    const stream = flow.process(tasks(20));
    const reads = await within(PATIENCE, Promise.all(range(24).map(() => stream.next())), "the reads");
    deepEqual(
      reads.map(({ done, value }) => (done ? -1 : (value as { readonly n: number }).n)),
      [...range(20), -1, -1, -1, -1],
      "outputs and ends",
    );
  }),
  rule("return settles the reads that wait", async (flow) => {
    const stuck = async function* () {
      await new Promise(() => {});
      yield Task({ n: 0 });
    };
    const stream = flow.process(stuck());
    const reads = Promise.all([stream.next(), stream.next()]);
    void stream.return(undefined); // its source never ends
    for (const { done } of await within(PATIENCE, reads, "the reads")) equal(done, true, "done");
  }),
  rule("after the end every read is an end", async (flow) => {
    const stream = flow.process([]);
    for (let i = 0; i < 3; i++) deepEqual(await next(stream), { done: true, value: undefined }, "read");
  }),
  rule("a signal that is aborted touches no source", async (flow) => {
    const source = watchedSource(3);
    await rejects(flow.process(source, { signal: AbortSignal.abort() }).next(), "ABORTED", "the first read");
    deepEqual([source.calls.iterators, source.calls.nexts], [0, 0], "calls of the source");
    await isFree(flow);
  }),
  rule("an abort ends the read that waits, calls return once, and is told once", async (flow) => {
    const control = new AbortController();
    const source = watchedSource(1000);
    const stream = flow.process(source, { signal: control.signal });
    await next(stream);
    control.abort();
    const failed = async () => {
      for (;;) if ((await stream.next()).done) return;
    };
    await rejects(failed(), "ABORTED", "a read");
    equal((await next(stream)).done, true, "done after the abort");
    deepEqual([source.calls.returns, source.calls.late], [1, 0], "return, late next");
    await isFree(flow);
  }),
  rule("nobody listens to its signal any more once it has ended, failed or was left", async (flow) => {
    const ends = {
      "its end": watchedSource(3),
      "an error": watchedSource(3, { fails: new RangeError("broken") }),
      "a return": watchedSource(1000),
    };
    for (const [what, source] of Object.entries(ends)) {
      const { signal, listeners } = countingSignal();
      const stream = flow.process(source, { signal });
      const all = async () => {
        for await (const { n } of stream) if (what === "a return" && n === 2) break;
      };
      await within(
        PATIENCE,
        all().catch(() => {}),
        what,
      );
      equal(listeners(), 0, `listeners after ${what}`);
    }
  }),
  rule("one at a time: a second one is refused, and the flow is free after the first", async (flow) => {
    const source = watchedSource(3);
    const first = flow.process(watchedSource(1000));
    await next(first);
    await rejects(flow.process(source).next(), "FLOW_BUSY", "the second");
    equal(source.calls.iterators, 0, "iterators of the second source");
    await within(PATIENCE, first.return(undefined), "return");
    await isFree(flow);
  }),
  rule("an error in making the iterator comes out, and the flow is free", async (flow) => {
    const broken = {
      [Symbol.asyncIterator](): AsyncIterator<Task> {
        throw new RangeError("no iterator");
      },
    };
    const failed = flow.process(broken).next();
    ok((await failed.catch((error: unknown) => error)) instanceof RangeError, "the error");
    await isFree(flow);
  }),
  rule("messages of a plain iterable come in order, and its end calls no return", async (flow) => {
    let returns = 0;
    const plain = {
      *[Symbol.iterator]() {
        try {
          yield* tasks(30);
        } finally {
          returns++;
        }
      },
    };
    deepEqual(numbers(await outputsOf(flow, plain)), range(30), "outputs");
    equal(returns, 1, "ends of the generator");
  }),
];
