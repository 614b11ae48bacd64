import type { Port } from "@ringline/core/backend";
import type { AnyMessage } from "@ringline/core/internal";
import { type BrokenBackend, eachPort, portWith, spoiled } from "./broken-backend.js";
import { rankedBy } from "./stand-ins.js";

const everyLevel = "priority: all 256 levels, first in, first out inside each, worker";

export const law03: readonly BrokenBackend[] = [
  {
    name: "ignores priority",
    law: 3,
    does: "delivers in the order of acceptance",
    caughtBy: "priority: a newcomer overtakes what is queued, not what is in hand",
    create: () => spoiled({ port: (spec, open) => rankedBy(() => 128, spec, open) }),
  },
  {
    name: "knows 32 levels",
    law: 3,
    does: "takes eight neighbouring priorities for one",
    caughtBy: "priority: neighbours: each level goes before the one below it",
    create: () => spoiled({ port: (spec, open) => rankedBy((priority) => priority >> 3, spec, open) }),
  },
  {
    name: "takes 255 for 0",
    law: 3,
    does: "delivers the very highest priority last",
    caughtBy: everyLevel,
    create: () => spoiled({ port: (spec, open) => rankedBy((priority) => (priority + 1) % 256, spec, open) }),
  },
  {
    name: "lowest first",
    law: 3,
    does: "delivers the lowest priority first",
    caughtBy: "priority: the default is 128, between 127 and 129",
    create: () => spoiled({ port: (spec, open) => rankedBy((priority) => 255 - priority, spec, open) }),
  },
  {
    name: "swaps two of one priority",
    law: 3,
    does: "delivers messages of priority 200 in swapped pairs",
    caughtBy: everyLevel,
    create: () => spoiled({ port: eachPort("input", (port) => swapping(port, ({ priority }) => priority === 200)) }),
  },
  {
    name: "swaps neighbours of one sender",
    law: 3,
    does: "delivers two messages of the default priority in the wrong order, once in fifty",
    caughtBy: "senders: two hundred sends that nobody awaits, queue of 7, come in their order",
    create: () => {
      let taken = 0;
      return spoiled({
        port: eachPort("input", (port) => swapping(port, (message) => message.priority === 128 && ++taken % 50 === 0)),
      });
    },
  },
  {
    name: "outputs in the order of sending",
    law: 3,
    does: "keeps priority in inputs only",
    caughtBy: "priority: outputs wait in order of priority too",
    create: () =>
      spoiled({ port: (spec, open) => (spec.direction === "output" ? rankedBy(() => 1, spec, open) : open(spec)) }),
  },
  {
    name: "lets in those who wait from the back",
    law: 3,
    does: "lets in the sender that came last of those who wait",
    caughtBy: "senders: two hundred sends that nobody awaits, queue of 1, come in their order",
    create: () => spoiled({ port: eachPort("input", lastFirst) }),
  },
  {
    name: "one message at a time",
    law: 3,
    does: "runs a body for one message after the other, although it works on several",
    caughtBy: "concurrency: orderly works on three messages at the same time, and not on more",
    create: () => spoiled({ unit: (unit) => ({ ...unit, kernel: { ...unit.kernel, concurrency: 1 } }) }),
  },
  {
    name: "the first to end is the first",
    law: 3,
    does: "sends the outputs of messages in progress as they are ready",
    caughtBy: "concurrency: outputs keep the order of their inputs, whichever body ends first",
    create: () => spoiled({ unit: (unit) => ({ ...unit, kernel: { ...unit.kernel, order: "unordered" } }) }),
  },
];

/** Takes two at a time where they are of one priority and `pick` says so, and gives them out in the wrong order. */
function swapping(port: Port, pick: (message: AnyMessage) => boolean): Port {
  let kept: AnyMessage | undefined;
  return portWith(port, {
    inlet: {
      tryTake() {
        if (kept !== undefined) {
          const message = kept;
          kept = undefined;
          return message;
        }
        const first = port.inlet.tryTake();
        if (first === undefined || !pick(first)) return first;
        const second = port.inlet.tryTake();
        if (second === undefined) return first;
        if (second.priority === first.priority) {
          kept = first;
          return second;
        }
        kept = second; // nothing to swap: it goes next
        return first;
      },
      whenReadable(callback) {
        if (kept !== undefined) callback();
        else port.inlet.whenReadable(callback);
      },
    },
  });
}

interface Parked {
  readonly message: AnyMessage;
  resolve(): void;
  reject(error: unknown): void;
}

/** Keeps those who wait in a stack of its own. */
function lastFirst(port: Port): Port {
  const parked: Parked[] = [];
  return portWith(port, {
    outlet: {
      async push(message) {
        if (port.outlet.tryPush(message)) return;
        await new Promise<void>((resolve, reject) => parked.push({ message, resolve, reject }));
      },
    },
    inlet: {
      tryTake() {
        const message = port.inlet.tryTake();
        const last = message === undefined ? undefined : parked.pop();
        if (last !== undefined) {
          port.outlet.tryPush(last.message);
          last.resolve();
        }
        return message;
      },
    },
    async seal(error) {
      await port.seal(error);
      for (const { reject } of parked.splice(0)) reject(error());
    },
  });
}
