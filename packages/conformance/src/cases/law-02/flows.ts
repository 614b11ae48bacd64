import { type Flow, pipeline } from "@ringline/core";
import { equal, PATIENCE, rejects, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { passer } from "../../kernels/stages.js";
import { handler, sink } from "../../kernels/workers.js";
import { tasks } from "../../support/handle.js";

const line = pipeline("line").stage(handler).stage(passer, { workers: 2 });

export const flows: readonly Case[] = [
  {
    law: 2,
    name: "flow: a request settles with its own answer, with what failed on the way, or that nothing answers",
    async run(trial) {
      const runtime = trial.runtime();
      const flow = await runtime.run(line);
      const answers = await Promise.all(tasks(100).map((task) => flow.request(task, soon)));
      for (const [n, answer] of answers.entries()) equal(answer.n, n, "answer");
      const failed = await rejects(flow.request(Task({ n: 1, fail: "on purpose" })), "KERNEL_FAILED");
      equal(failed.stage, "handler", "stage");
      await rejects(flow.request(Task({ n: 1, outputs: 0 })), "NO_REPLY");
      // the compiler refuses such a request where it knows that there is no output
      const ending: Flow<Task, Task> = await runtime.run(pipeline("to a sink").stage(handler).stage(sink));
      await rejects(ending.request(Task({ n: 1 })), "NO_REPLY", "a request to a flow without output");
    },
  },
  {
    law: 2,
    name: "flow: waits end by their time-out, by a signal, and by the end of the flow",
    async run(trial) {
      const runtime = trial.runtime();
      const flow = await runtime.run(line, { maxInFlight: 2 });
      await flow.pause();
      for (const task of tasks(2)) await flow.send(task);
      await rejects(flow.send(Task({ n: 2 }), { timeout: 10 }), "TIMEOUT", "send");
      await rejects(flow.send(Task({ n: 2 }), { timeout: 0 }), "TIMEOUT", "send with a time-out of 0");
      await rejects(flow.request(Task({ n: 2 }), { timeout: 10 }), "TIMEOUT", "request");
      await rejects(flow.send(Task({ n: 2 }), { signal: AbortSignal.timeout(10) }), "ABORTED", "send, signalled");
      await rejects(flow.receive({ timeout: 10 }), "TIMEOUT", "receive");
      await rejects(flow.drain({ timeout: 10 }), "TIMEOUT", "drain");
      const waiting = [flow.send(Task({ n: 2 })), flow.receive(), flow.request(Task({ n: 3 }))];
      const outcomes = Promise.allSettled(waiting.map((call) => rejects(call, "TERMINATED")));
      await flow.terminate();
      for (const { status } of await within(PATIENCE, outcomes)) equal(status, "fulfilled", "a waiting call");
      await rejects(flow.send(Task({ n: 4 })), "TERMINATED", "send after the end");
    },
  },
  {
    law: 2,
    name: "flow: process ends with the flow, by its signal, and with what its source throws",
    async run(trial) {
      const runtime = trial.runtime();
      const flow = await runtime.run(line);
      const endless = async function* () {
        yield Task({ n: 0 });
        await new Promise(() => {});
      };
      const broken = function* () {
        yield Task({ n: 0 });
        throw new RangeError("no more");
      };
      const control = new AbortController();
      const signalled = flow.process(endless(), { signal: control.signal });
      equal((await within(PATIENCE, signalled.next())).done, false, "done");
      await rejects(flow.process(tasks(1)).next(), "FLOW_BUSY", "a second process");
      const next = rejects(signalled.next(), "ABORTED", "process, signalled");
      control.abort();
      await next;
      const failing = flow.process(broken());
      const failure = (async () => {
        for await (const _ of failing);
      })();
      const error = await within(
        PATIENCE,
        failure.catch((thrown: unknown) => thrown),
        "a source that throws",
      );
      equal((error as Error | undefined)?.message, "no more", "error of the source");
      const ended = flow.process(endless());
      await within(PATIENCE, ended.next(), "first output");
      const last = rejects(ended.next(), "TERMINATED", "process at the end of the flow");
      await flow.terminate();
      await last;
    },
  },
];
