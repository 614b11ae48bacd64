import { errors } from "@ringline/core";
import { type AnyMessage, copyMessage, envelopeOf, type Lineage, type Requester } from "@ringline/core/internal";
import { type BrokenBackend, eachPort, incarnationWith, portWith, spoiled } from "./broken-backend.js";

const never = () => new Promise<never>(() => {});

export const law02: readonly BrokenBackend[] = [
  {
    name: "late time-outs",
    law: 2,
    does: "ends waits after ten times their time-out",
    caughtBy: "promptness: a receive of a body ends by its time-out of 60",
    isTimed: true,
    create: () =>
      spoiled({
        clock: (clock) => ({ ...clock, now: () => clock.now(), after: (time, call) => clock.after(time * 10, call) }),
      }),
  },
  {
    name: "never times out",
    law: 2,
    does: "waits forever, whatever the time-out",
    caughtBy: "send: to a full queue of 1, ends by its time-out, and is not accepted",
    create: () => spoiled({ clock: (clock) => ({ ...clock, after: () => () => {} }) }),
  },
  {
    name: "reports no stalls",
    law: 2,
    does: "never says that a request or an output has waited for long",
    caughtBy:
      "request: one of a kernel that waits for the activation of its peer is told of once, and answered after it",
    create: () => spoiled({ unit: (unit) => ({ ...unit, reports: { ...unit.reports, stalled() {} } }) }),
  },
  {
    name: "waits on a time-out of 0",
    law: 2,
    does: "takes a time-out of 0 for none",
    caughtBy: "time-out of 0: send and receive succeed where nothing has to wait",
    create: () =>
      spoiled({
        port: eachPort("input", (port) =>
          portWith(port, {
            outlet: {
              push: (message, wait) => port.outlet.push(message, wait?.timeout === 0 ? { signal: wait.signal } : wait),
            },
          }),
        ),
      }),
  },
  {
    name: "forgets deadlines",
    law: 2,
    does: "delivers messages without the time at which they expire",
    caughtBy: "deadline: a request that waits in the queue when its time is over is not worked on",
    create: () => {
      const timeless = (message: AnyMessage) =>
        copyMessage(message, { ...envelopeOf(message), expiresAt: Number.POSITIVE_INFINITY });
      return spoiled({
        port: eachPort("input", (port) =>
          portWith(port, {
            outlet: {
              tryPush: (message) => port.outlet.tryPush(timeless(message)),
              push: (message, wait) => port.outlet.push(timeless(message), wait),
            },
          }),
        ),
      });
    },
  },
  {
    name: "ignores abort signals",
    law: 2,
    does: "goes on waiting when the signal of a send aborts",
    caughtBy: "send: to a full queue of 1, ends by an abort, and is not accepted",
    create: () =>
      spoiled({
        port: eachPort("input", (port) =>
          portWith(port, {
            outlet: { push: (message, wait) => port.outlet.push(message, { timeout: wait?.timeout }) },
          }),
        ),
      }),
  },
  {
    name: "takes any time-out",
    law: 2,
    does: "waits forever on a time-out that is negative or no number",
    caughtBy: "times: NaN is refused by every call of the host, which then has no effect",
    create: () =>
      spoiled({
        port: eachPort("input", (port) =>
          portWith(port, {
            outlet: {
              push: (message, wait) =>
                port.outlet.push(message, (wait?.timeout ?? 0) >= 0 ? wait : { signal: wait?.signal }),
            },
          }),
        ),
      }),
  },
  {
    name: "forgets parked senders",
    law: 2,
    does: "leaves senders waiting when the kernel they wait for ends",
    caughtBy: "send: to a full queue of 1, ends by terminate, and is not accepted",
    create: () =>
      spoiled({
        port: eachPort("input", (port) => {
          let isSealed = false;
          return portWith(port, {
            outlet: {
              async push(message, wait) {
                if (isSealed) return port.outlet.push(message, wait);
                try {
                  await port.outlet.push(message, wait);
                } catch (error) {
                  if (isSealed) await never();
                  throw error;
                }
              },
            },
            seal(error) {
              isSealed = true;
              return port.seal(error);
            },
          });
        }),
      }),
  },
  {
    name: "notices no crash",
    law: 2,
    does: "never says that a body has ended, so that all who wait for the kernel go on waiting",
    caughtBy: "receive: from an empty output, kernel active, ends by a crash, and takes nothing with it",
    create: () => spoiled({ incarnation: (incarnation) => incarnationWith(incarnation, { exited: never() }) }),
  },
  {
    name: "asks nobody to end",
    law: 2,
    does: "tells no body that it is to end: each is abandoned when its time is over",
    caughtBy:
      "context: receive from an empty input, ends when its kernel is terminated, long before the time-out of that",
    create: () =>
      spoiled({
        incarnation: (incarnation) =>
          incarnationWith(incarnation, {
            stop: async (mode) => (mode === "abandon" ? incarnation.stop(mode) : undefined),
          }),
      }),
  },
  {
    name: "wakes nobody on activation",
    law: 2,
    does: "keeps to itself that a kernel was activated",
    caughtBy: "context: waitActive resolves on activate, on reactivate, and at once while active",
    create: () =>
      spoiled({ incarnation: (incarnation) => incarnationWith(incarnation, { setActive: async () => {} }) }),
  },
  {
    name: "answers the wrong asker",
    law: 2,
    does: "gives each answer to whoever has waited longest",
    caughtBy: "reply: 400 requests that are answered out of order",
    create: () => {
      const asked = new Set<Requester>();
      return spoiled({
        port: eachPort("input", (port) =>
          portWith(port, {
            outlet: {
              tryPush: (message) => port.outlet.tryPush(misdirected(message, asked)),
              push: (message, wait) => port.outlet.push(misdirected(message, asked), wait),
            },
          }),
        ),
      });
    },
  },
  {
    name: "forgets what was asked",
    law: 2,
    does: "tells kernels who waits for an answer, and not the type of the request",
    caughtBy: "reply: a message that `replies` does not name for the request is TYPE_MISMATCH, and a dead letter",
    create: () =>
      spoiled({
        port: eachPort("input", (port) => {
          const forgetful = (message: AnyMessage) => {
            const requester = envelopeOf(message).lineage?.requester;
            return withLineage(message, requester && { requester: requesterWith(requester, { asked: "" }) });
          };
          return portWith(port, {
            outlet: {
              tryPush: (message) => port.outlet.tryPush(forgetful(message)),
              push: (message, wait) => port.outlet.push(forgetful(message), wait),
            },
          });
        }),
      }),
  },
  {
    name: "holds up answers",
    law: 2,
    does: "lets answers take room in the output like any other message",
    caughtBy: "reply: a full output that nobody reads does not hold up answers",
    create: () =>
      spoiled({
        // an asker that knows no kernel gets no answer: what was meant for it goes the ordinary way
        port: eachPort("input", (port) =>
          portWith(port, {
            outlet: {
              tryPush: (message) => port.outlet.tryPush(withLineage(message, undefined)),
              push: (message, wait) => port.outlet.push(withLineage(message, undefined), wait),
            },
          }),
        ),
      }),
  },
  {
    name: "keeps those who gave up",
    law: 2,
    does: "accepts a message whose sender was told that its time is over",
    caughtBy: "leftovers: two thousand waits that gave up take neither room nor messages",
    create: () =>
      spoiled({
        port: eachPort("input", (port) =>
          portWith(port, {
            outlet: {
              async push(message, { timeout } = {}) {
                const kept = port.outlet.push(message);
                if (timeout === undefined) return kept;
                kept.catch(() => {});
                const over = new Promise<never>((_, reject) => {
                  setTimeout(() => reject(new errors.TIMEOUT({ operation: "send", timeout })), timeout);
                });
                return Promise.race([kept, over]);
              },
            },
          }),
        ),
      }),
  },
  {
    name: "forgets what flow a message is in",
    law: 2,
    does: "delivers messages without the input of the flow that they come from",
    caughtBy: "flow: a request settles with its own answer, with what failed on the way, or that nothing answers",
    create: () => {
      const lost = (message: AnyMessage) => copyMessage(message, { ...envelopeOf(message), lineage: undefined });
      return spoiled({
        port: eachPort("input", (port) =>
          portWith(port, {
            outlet: {
              tryPush: (message) => port.outlet.tryPush(lost(message)),
              push: (message, wait) => port.outlet.push(lost(message), wait),
            },
          }),
        ),
      });
    },
  },
];

function withLineage(message: AnyMessage, lineage: Lineage | undefined): AnyMessage {
  const envelope = envelopeOf(message);
  return envelope.lineage === undefined ? message : copyMessage(message, { ...envelope, lineage });
}

function misdirected(message: AnyMessage, asked: Set<Requester>): AnyMessage {
  const { lineage } = envelopeOf(message);
  const requester = lineage?.requester;
  if (requester === undefined) return message;
  asked.add(requester);
  const other = requesterWith(requester, {
    answer(answer) {
      const [first = requester] = [...asked].filter(({ waits }) => waits);
      asked.delete(first);
      return first.answer(answer);
    },
  });
  return withLineage(message, { requester: other });
}

/** A requester with some members of its own. */
function requesterWith(requester: Requester, own: Partial<Requester>): Requester {
  return {
    responder: requester.responder,
    name: requester.name,
    asked: requester.asked,
    get waits() {
      return requester.waits;
    },
    get isAnswered() {
      return requester.isAnswered;
    },
    answer: (answer) => requester.answer(answer),
    fail: (error) => requester.fail(error),
    ...own,
  };
}
