import type { Port, PortSpec } from "@ringline/core/backend";
import type { AnyMessage } from "@ringline/core/internal";
import { type BrokenBackend, portWith, spoiled } from "./broken-backend.js";
import { rankedBy } from "./stand-ins.js";

type Strategy = PortSpec["backpressure"];

/** Opens inputs of one strategy with another spec. */
function respecified(strategy: Strategy, change: Partial<PortSpec> | ((spec: PortSpec) => Partial<PortSpec>)) {
  return spoiled({
    port: (spec, open) => {
      if (spec.direction === "output" || spec.backpressure !== strategy) return open(spec);
      return open({ ...spec, ...(typeof change === "function" ? change(spec) : change) });
    },
  });
}

/** Spoils inputs that drop the oldest. */
function dropping(spoil: (spec: PortSpec, open: (spec: PortSpec) => Promise<Port>) => Promise<Port>) {
  return spoiled({
    port: (spec, open) =>
      spec.direction === "input" && spec.backpressure === "drop-oldest" ? spoil(spec, open) : open(spec),
  });
}

export const law04: readonly BrokenBackend[] = [
  {
    name: "block does not block",
    law: 4,
    does: "accepts any number of messages where senders are to wait",
    caughtBy: "block: a launched kernel fills up to its capacity, then its senders wait",
    create: () => respecified("block", { capacity: 1_000_000 }),
  },
  {
    name: "room for one more",
    law: 4,
    does: "accepts one message more than its capacity",
    caughtBy: "block: waits and loses nothing, queue of 2, senders: 1",
    create: () => respecified("block", ({ capacity }) => ({ capacity: capacity + 1 })),
  },
  {
    name: "reject waits",
    law: 4,
    does: "lets senders wait where they are to be refused",
    caughtBy: "reject: fails at once with QUEUE_FULL and counts it, queue of 1, senders: 1",
    create: () => respecified("reject", { backpressure: "block" }),
  },
  {
    name: "reject drops",
    law: 4,
    does: "drops the oldest message where the newcomer is to be refused",
    caughtBy: "reject: a full launched kernel refuses, and accepts again once there is room",
    create: () => respecified("reject", { backpressure: "drop-oldest" }),
  },
  {
    name: "drop-oldest rejects",
    law: 4,
    does: "refuses the newcomer where it is to make room",
    caughtBy: "drop-oldest: drops the oldest and counts it, queue of 2, senders: 1",
    create: () => respecified("drop-oldest", { backpressure: "reject" }),
  },
  {
    name: "drop-oldest drops the newcomer",
    law: 4,
    does: "accepts the newcomer and drops it at once",
    caughtBy: "drop-oldest: a newcomer of the lowest priority stays, an older message goes",
    create: () => dropping((spec, open) => makingRoom(spec, open, (_, newcomer) => newcomer)),
  },
  {
    name: "drop-oldest drops the highest priority",
    law: 4,
    does: "makes room by what would have been delivered next",
    caughtBy: "drop-oldest: the oldest of the lowest priority goes, not the oldest of all",
    create: () => dropping((spec, open) => makingRoom(spec, open, (next) => next)),
  },
  {
    name: "drop-oldest drops the oldest of all",
    law: 4,
    does: "ignores priority when it makes room, and delivers by age",
    caughtBy: "drop-oldest: the oldest of the lowest priority goes, not the oldest of all",
    create: () => dropping((spec, open) => rankedBy(() => 1, spec, open)),
  },
  {
    name: "drops in silence",
    law: 4,
    does: "tells nobody what it dropped",
    caughtBy: "drop-oldest: the drop event names the kernel and carries the message",
    create: () => dropping((spec, open) => open({ ...spec, dropped() {} })),
  },
  {
    name: "the same strategy for all",
    law: 4,
    does: "lets senders wait, whatever strategy the kernel asked for",
    caughtBy: "drop-oldest: drops the oldest and counts it, queue of 1, senders: 1",
    create: () => dropping((spec, open) => open({ ...spec, backpressure: "block" })),
  },
];

/** A port without a strategy of its own, which drops what `choose` says: the next in line, or the newcomer. */
async function makingRoom(
  spec: PortSpec,
  open: (spec: PortSpec) => Promise<Port>,
  choose: (next: AnyMessage, newcomer: AnyMessage) => AnyMessage,
): Promise<Port> {
  const port = await open({ ...spec, backpressure: "reject" });
  await port.gate(true); // shut here, so that the next in line can always be had
  let isOpen = false;
  let reader: (() => void) | undefined;
  let queued = 0;
  let dropped = 0;
  const push = (message: AnyMessage): void => {
    if (queued < spec.capacity) {
      port.outlet.tryPush(message);
      queued++;
      return;
    }
    const next = port.inlet.tryTake() as AnyMessage;
    const victim = choose(next, message);
    port.inlet.settle(next, victim === next ? "dead-lettered" : "requeued");
    if (victim === next) port.outlet.tryPush(message);
    dropped++;
    spec.dropped(victim);
  };
  return portWith(port, {
    outlet: {
      tryPush(message) {
        push(message);
        return true;
      },
      push: async (message) => push(message),
    },
    inlet: {
      tryTake() {
        const message = isOpen ? port.inlet.tryTake() : undefined;
        if (message !== undefined) queued--;
        return message;
      },
      whenReadable(callback) {
        reader = callback;
        if (isOpen) port.inlet.whenReadable(callback);
      },
    },
    async gate(open) {
      isOpen = open;
      if (open && reader !== undefined) port.inlet.whenReadable(reader);
    },
    async stats() {
      const { ledger, ...stats } = await port.stats();
      const accepted = ledger.done + ledger.queued + ledger.inHand + dropped;
      return { ...stats, ledger: { ...ledger, accepted, dropped, deadLettered: 0 } };
    },
  });
}
