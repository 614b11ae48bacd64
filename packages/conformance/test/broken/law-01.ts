import type { AnyMessage } from "@ringline/core/internal";
import { type BrokenBackend, eachPort, portWith, spoiled } from "./broken-backend.js";

/** True for every thousandth call. */
function oneInAThousand(): () => boolean {
  let calls = 0;
  return () => ++calls % 1000 === 0;
}

const stream = "stream: 5000 messages through worker from 1 at once, each arrives exactly once";

export const law01: readonly BrokenBackend[] = [
  {
    name: "loses one in a thousand",
    law: 1,
    does: "says of each thousandth message that it was accepted, and forgets it",
    caughtBy: stream,
    create: () =>
      spoiled({
        port: eachPort("input", (port) => {
          const loses = oneInAThousand();
          return portWith(port, {
            outlet: {
              tryPush: (message) => loses() || port.outlet.tryPush(message),
              push: async (message, wait) => (loses() ? undefined : port.outlet.push(message, wait)),
            },
          });
        }),
      }),
  },
  {
    name: "duplicates one in a thousand",
    law: 1,
    does: "accepts each thousandth message twice",
    caughtBy: stream,
    create: () =>
      spoiled({
        port: eachPort("input", (port) => {
          const doubles = oneInAThousand();
          return portWith(port, {
            outlet: {
              tryPush(message) {
                const accepted = port.outlet.tryPush(message);
                if (accepted && doubles()) port.outlet.tryPush(message);
                return accepted;
              },
            },
          });
        }),
      }),
  },
  {
    name: "counts one too many",
    law: 1,
    does: "adds one to `accepted` from the tenth message on",
    caughtBy: "stream: a sink has done all it was given",
    create: () =>
      spoiled({
        port: eachPort("input", (port) =>
          portWith(port, {
            async stats() {
              const { ledger, ...stats } = await port.stats();
              return { ...stats, ledger: { ...ledger, accepted: ledger.accepted + (ledger.accepted >= 10 ? 1 : 0) } };
            },
          }),
        ),
      }),
  },
  {
    name: "drops the queued on terminate",
    law: 1,
    does: "throws away what is queued when a kernel ends, with no dead letter",
    caughtBy: "end: worker, launched, terminated without drain: its queue becomes dead letters",
    create: () =>
      spoiled({
        port: eachPort("input", (port) =>
          portWith(port, {
            async remove() {
              await port.remove();
              return [];
            },
          }),
        ),
      }),
  },
  {
    name: "settles on delivery",
    law: 1,
    does: "counts a message as done when it is delivered, so that a crash takes it along",
    caughtBy: "crash: loopWorker that throws later leaves its message and its queue to the dead letters",
    create: () =>
      spoiled({
        port: eachPort("input", (port) => {
          const settled = new Map<AnyMessage, number>();
          return portWith(port, {
            inlet: {
              tryTake() {
                const message = port.inlet.tryTake();
                if (message === undefined) return undefined;
                port.inlet.settle(message, "done");
                settled.set(message, (settled.get(message) ?? 0) + 1);
                return message;
              },
              settle(message) {
                const times = settled.get(message) ?? 0;
                settled.set(message, times - 1);
                return times > 0;
              },
            },
          });
        }),
      }),
  },
  {
    name: "keeps no dead letters",
    law: 1,
    does: "counts a failed message as dead-lettered and tells nobody",
    caughtBy: "dead letters: a letter holds the message, the reason, the error, the kernel, the attempts and the time",
    create: () => spoiled({ unit: (unit) => ({ ...unit, reports: { ...unit.reports, deadLetter() {} } }) }),
  },
  {
    name: "forgets the attempts",
    law: 1,
    does: "says of every dead letter that there was one attempt",
    caughtBy: "retry: what fails at every attempt is one dead letter, which says how many there were",
    create: () =>
      spoiled({
        unit: (unit) => ({
          ...unit,
          reports: { ...unit.reports, deadLetter: (message, error) => unit.reports.deadLetter(message, error, 1) },
        }),
      }),
  },
  {
    name: "accepts after the end",
    law: 1,
    does: "goes on accepting when a kernel has ended",
    caughtBy: "states: worker in every state: the ledger balances and says where each message is",
    create: () => spoiled({ port: eachPort("input", (port) => portWith(port, { seal: async () => {} })) }),
  },
];
