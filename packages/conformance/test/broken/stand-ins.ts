import type { Port, PortSpec } from "@ringline/core/backend";
import { type AnyMessage, copyMessage, envelopeOf, type Unsettled } from "@ringline/core/internal";
import { portWith } from "./broken-backend.js";

/** A port that queues each message under another priority than it has, and gives it out as it was. */
export async function rankedBy(
  level: (priority: number) => number,
  spec: PortSpec,
  open: (spec: PortSpec) => Promise<Port>,
): Promise<Port> {
  const originals = new WeakMap<AnyMessage, AnyMessage>();
  /** In hand, the original first. */
  const taken = new Map<AnyMessage, AnyMessage[]>();
  const original = (standIn: AnyMessage) => originals.get(standIn) as AnyMessage;
  const withOriginal = ({ message, attempts }: Unsettled) => ({ message: original(message), attempts });
  const standInFor = (message: AnyMessage): AnyMessage => {
    const standIn = copyMessage(message, { ...envelopeOf(message), priority: level(message.priority) });
    originals.set(standIn, message);
    return standIn;
  };
  const port = await open({ ...spec, dropped: (standIn) => spec.dropped(original(standIn)) });
  return portWith(port, {
    outlet: {
      tryPush: (message) => port.outlet.tryPush(standInFor(message)),
      push: (message, wait) => port.outlet.push(standInFor(message), wait),
    },
    inlet: {
      tryTake() {
        const standIn = port.inlet.tryTake();
        if (standIn === undefined) return undefined;
        const message = original(standIn);
        taken.set(message, [...(taken.get(message) ?? []), standIn]);
        return message;
      },
      settle(message, outcome, attempts) {
        const standIn = taken.get(message)?.shift();
        return standIn !== undefined && port.inlet.settle(standIn, outcome, attempts);
      },
    },
    recover: async () => (await port.recover()).map(withOriginal),
    remove: async () => (await port.remove()).map(withOriginal),
  });
}
