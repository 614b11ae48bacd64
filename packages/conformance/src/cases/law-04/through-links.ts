import { deepEqual, equal, ok, PATIENCE, staysPending, until, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { gated, permits } from "../../kernels/gated.js";
import { Task } from "../../kernels/messages.js";
import { forwarder } from "../../kernels/peers.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { handler, sink } from "../../kernels/workers.js";
import { range, take, takes, tasks, telemetryWhen } from "../../support/handle.js";
import { inOrderPerSender, Sends, sendFrom } from "../../support/senders.js";

const bodies = { handle: passer, run: passLoop };
const QUEUE = 2;
/** Maximum messages that one stage holds: its queue and those in hand. */
const HELD = QUEUE + 1;

export const throughLinks: readonly Case[] = [
  ...(["handle", "run"] as const).flatMap((kind) => [1, 3].map((senders) => slowsTheFirst(kind, senders))),
  ...(["handle", "run"] as const).map(
    (kind): Case => ({
      law: 4,
      name: `links: where nobody reads the output, ${kind} waits, and its senders with it`,
      async run(trial) {
        const kernel = bodies[kind];
        const handle = await trial.runtime().start(kernel, { queueSize: QUEUE });
        const sends = new Sends(tasks(100).map((task) => handle.send(task)));
        const accepted = QUEUE + HELD; // the output holds as many as the input
        await telemetryWhen(
          handle,
          "full ports",
          ({ ledger: { input, output } }) => output.queued === QUEUE && input.inHand === 1 && input.queued === QUEUE,
        );
        await sends.accepts(accepted);
        const { ledger } = await handle.telemetry();
        equal(ledger.input.accepted, accepted, "accepted while nobody reads");
        await takes(handle, range(100));
        await within(PATIENCE, sends.all(), "the sends");
      },
    }),
  ),
  {
    law: 4,
    name: "links: a stalled event names a kernel whose output waits, and what for",
    async run(trial) {
      const runtime = trial.runtime();
      const stalled: { readonly kernelId: string; readonly waitsOn: string }[] = [];
      runtime.on("stalled", (event) => stalled.push(event));
      const alone = await runtime.start(passer.as("alone"), { queueSize: 1 });
      const first = await runtime.start(passLoop.as("first"), { queueSize: 1 });
      const last = await runtime.launch(sink.as("last"), { queueSize: 1 });
      const fine = await runtime.start(passer.as("fine"));
      await runtime.connect(first, last);
      for (const task of tasks(2)) await Promise.all([alone.send(task), first.send(task), fine.send(task)]);
      await until("two kernels stalled", () => stalled.length >= 2);
      const ids = stalled.map(({ kernelId }) => kernelId).sort();
      deepEqual(ids, ["alone", "first"], "kernels");
      ok(stalled.find(({ kernelId }) => kernelId === "first")?.waitsOn.includes("last"), "it names the full target");
      await last.activate();
      await takes(alone, range(2));
      await telemetryWhen(last, "all done", ({ processed }) => processed === 2);
    },
  },
  {
    law: 4,
    name: "links: reject at the target reaches the sending kernel",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer);
      const last = await runtime.launch(sink, { queueSize: 1, backpressure: "reject" });
      await runtime.connect(first, last);
      for (const task of tasks(3)) await first.send(task);
      const { errors, deadLettered } = await telemetryWhen(
        first,
        "all settled",
        (t) => t.processed + t.deadLettered === 3,
      );
      equal(errors, 2, "errors of the sending kernel");
      equal(deadLettered, 2, "dead letters of the sending kernel");
      equal((await last.telemetry()).rejected, 2, "rejected by the target");
      equal(
        runtime.deadLetters.peek({ kernelId: first.id, reason: "QUEUE_FULL" }).length,
        2,
        "dead letters QUEUE_FULL",
      );
    },
  },
  {
    law: 4,
    name: "links: drop-oldest at the target never slows the sending kernel",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer, { queueSize: 1 });
      const last = await runtime.launch(sink, { queueSize: 2, backpressure: "drop-oldest" });
      await runtime.connect(first, last);
      for (const task of tasks(10)) await within(PATIENCE, first.send(task), "a send");
      await telemetryWhen(first, "all done", ({ processed }) => processed === 10);
      const { ledger, dropped } = await last.telemetry();
      equal(dropped, 8, "dropped by the target");
      equal(ledger.input.queued, 2, "queued at the target");
    },
  },
  {
    law: 4,
    name: "links: sendTo waits at a full peer",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(forwarder);
      const next = await runtime.launch(handler.as("next"), { queueSize: QUEUE });
      const sends = new Sends(tasks(6).map((task) => first.send(task)));
      await within(PATIENCE, sends.all(), "the sends");
      const held = ({ ledger }: { ledger: { input: { done: number; inHand: number } } }) =>
        ledger.input.done === QUEUE && ledger.input.inHand === 1;
      await telemetryWhen(first, "the peer full, one send waiting", held);
      ok(held(await first.telemetry()), "no further message goes through");
      await next.activate();
      await takes(next, range(6));
      await takes(first, range(6));
    },
  },
  {
    law: 4,
    name: "links: a round-robin link waits for the target whose turn it is, and loses nothing",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer, { queueSize: QUEUE });
      const targets = [];
      for (const id of ["one", "two"]) {
        const target = await runtime.launch(passer.as(id), { queueSize: 1 });
        await runtime.connect(first, target, { mode: "round-robin" });
        targets.push(target);
      }
      const sends = new Sends(tasks(12).map((task) => first.send(task)));
      await telemetryWhen(first, "a full input", ({ ledger }) => ledger.input.queued === QUEUE);
      await staysPending(sends.all(), "the sends");
      for (const target of targets) await target.activate();
      const taken = await Promise.all(targets.map((target) => take(target, 6)));
      await within(PATIENCE, sends.all(), "the sends");
      inOrderPerSender(
        taken
          .flat()
          .map(({ n }) => n)
          .sort((a, b) => a - b),
        1,
        12,
      );
    },
  },
  {
    law: 4,
    name: "links: a broadcast waits for the slowest target",
    async run(trial) {
      const runtime = trial.runtime();
      const first = await runtime.start(passer, { queueSize: QUEUE });
      const fast = await runtime.start(passer.as("fast"));
      const slow = await runtime.launch(passer.as("slow"), { queueSize: 1 });
      await runtime.connect(first, fast, { mode: "broadcast" });
      await runtime.connect(first, slow, { mode: "broadcast" });
      const sends = new Sends(tasks(8).map((task) => first.send(task)));
      await telemetryWhen(first, "a full input", ({ ledger }) => ledger.input.queued === QUEUE);
      await staysPending(sends.all(), "the sends");
      ok((await fast.telemetry()).received <= 2, "the fast target is not far ahead");
      await slow.activate();
      await Promise.all([takes(fast, range(8)), takes(slow, range(8))]);
    },
  },
];

function slowsTheFirst(kind: "handle" | "run", senders: number): Case {
  return {
    law: 4,
    name: `links: a slow last stage slows the first, ${kind}, senders: ${senders}`,
    async run(trial) {
      const runtime = trial.runtime();
      const kernel = bodies[kind];
      await runtime.start(permits);
      const first = await runtime.start(kernel.as("first"), { queueSize: QUEUE });
      const middle = await runtime.start(kernel.as("middle"), { queueSize: QUEUE });
      const last = await runtime.start(gated, { queueSize: QUEUE });
      await runtime.connect(first, middle);
      await runtime.connect(middle, last);
      const each = 12;
      const sends = sendFrom(first, senders, each);
      for (const stage of [last, middle, first]) {
        await telemetryWhen(
          stage,
          `${stage.id} full`,
          ({ ledger }) => ledger.input.queued === QUEUE && ledger.input.inHand === 1,
        );
      }
      await sends.accepts(3 * HELD);
      // each permit lets one message through, and one more in
      await runtime.send(permits, Task({ n: 0 }));
      const [out] = await take(last, 1);
      equal(out?.n, 0, "the first output");
      await telemetryWhen(first, "one more accepted", ({ ledger }) => ledger.input.accepted === 3 * HELD + 1);
      for (let i = 1; i < senders * each; i++) await runtime.send(permits, Task({ n: i }));
      const rest = await take(last, senders * each - 1);
      await within(PATIENCE, sends.all(), "the sends");
      inOrderPerSender([0, ...rest.map(({ n }) => n)], senders, each);
    },
  };
}
