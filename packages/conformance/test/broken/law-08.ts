import type { Backend } from "@ringline/core";
import type { Port, PortSpec, UnitSpec } from "@ringline/core/backend";
import { type AnyMessage, copyMessage, type Envelope, envelopeOf, type Unsettled } from "@ringline/core/internal";
import { type BrokenBackend, eachPort, incarnationWith, portWith, spoiled } from "./broken-backend.js";

/** Changes each message on its way into the inputs or the outputs. */
function changing(direction: PortSpec["direction"], change: (message: AnyMessage) => AnyMessage) {
  return spoiled({
    port: eachPort(direction, (port) =>
      portWith(port, {
        outlet: {
          tryPush: (message) => port.outlet.tryPush(change(message)),
          push: (message, wait) => port.outlet.push(change(message), wait),
        },
      }),
    ),
  });
}

const readdressed = (message: AnyMessage, other: Partial<Envelope>) =>
  copyMessage(message, { ...envelopeOf(message), ...other });

export const law08: readonly BrokenBackend[] = [
  {
    name: "loses the priority",
    law: 8,
    does: "gives every message the default priority on its way",
    caughtBy: "transport: the header arrives as it was",
    create: () => changing("input", (message) => readdressed(message, { priority: 128 })),
  },
  {
    name: "loses the correlation id",
    law: 8,
    does: "forgets what caused an output",
    caughtBy: "handler: results name what caused them",
    create: () => changing("output", (message) => readdressed(message, { cause: null })),
  },
  {
    name: "loses the trace",
    law: 8,
    does: "forgets what a message belongs to",
    caughtBy: "transport: passer hands on what a message belongs to, by a flow and by an answer",
    create: () => changing("input", (message) => readdressed(message, { trace: undefined })),
  },
  {
    name: "gives messages another id",
    law: 8,
    does: "gives every message a new id on its way",
    caughtBy: "transport: the header arrives as it was",
    create: () => changing("input", (message) => readdressed(message, { id: crypto.randomUUID() })),
  },
  {
    name: "sends bodies as JSON",
    law: 8,
    does: "loses what JSON cannot say: undefined, dates, maps, typed arrays",
    caughtBy: "transport: maps arrive as they were",
    create: () =>
      changing("input", (message) =>
        copyMessage(message, envelopeOf(message), JSON.parse(JSON.stringify({ ...message })) as object),
      ),
  },
  {
    name: "copies bodies by rules of its own",
    law: 8,
    does: "copies bodies by structured cloning, which takes and changes other values than the codec does",
    caughtBy: "values: arrays, map and set",
    create: () =>
      changing("input", (message) => copyMessage(message, envelopeOf(message), structuredClone({ ...message }))),
  },
  {
    name: "says copy and hands over",
    law: 8,
    does: "states that messages are copied, and hands over the sender's own",
    caughtBy: "transport: a kernel has its sender's very object, or a copy, as the manifest says",
    create: () => spoiled({ manifest: { transport: "copy" } }),
  },
  {
    name: "says reference and copies",
    law: 8,
    does: "states that messages are handed over, and copies them",
    caughtBy: "transport: a kernel has its sender's very object, or a copy, as the manifest says",
    create: () =>
      changing("input", (message) => copyMessage(message, envelopeOf(message), structuredClone({ ...message }))),
  },
  {
    name: "a manifest in words",
    law: 8,
    does: "states a capability as a text, which nobody can read",
    caughtBy: "factory: makes a plain value with a manifest",
    create: () => spoiled({ manifest: { capabilities: { threads: "four" as never } } }),
  },
  {
    name: "shares ports",
    law: 8,
    does: "gives kernels of one id the same queue in every runtime",
    caughtBy: "factory: one backend value serves several runtimes, which share nothing",
    create: () => {
      const ports = new Map<string, Promise<Port>>();
      return spoiled({
        port(spec, open) {
          const name = `${spec.kernelId} ${spec.direction}`;
          const port = ports.get(name) ?? open(spec);
          ports.set(name, port);
          return port;
        },
      });
    },
  },
  {
    name: "runs no flush",
    law: 8,
    does: "tells no body that a flush passes",
    caughtBy: "flow: a flush travels behind the data, through what it stirs up, with process and with drain",
    create: () => spoiled({ incarnation: (incarnation) => incarnationWith(incarnation, { flush: async () => {} }) }),
  },
  {
    name: "ignores the rate",
    law: 8,
    does: "delivers to the stages of a flow as fast as it can",
    caughtBy: "flow: a rate is kept by all workers together",
    isTimed: true,
    create: () =>
      spoiled({
        unit: ({ assignment, ...unit }) => ({
          ...unit,
          assignment: assignment && { ...assignment, rate: Number.POSITIVE_INFINITY },
        }),
      }),
  },
  {
    name: "takes over a queue in reverse",
    law: 8,
    does: "queues what comes from another port of the kernel in reverse order",
    caughtBy: "move: a launched kernel takes its queue along to second, by priority and in order",
    create: () => adopting((messages) => [...messages].reverse()),
  },
  {
    name: "takes over all but the first",
    law: 8,
    does: "loses the first message of a queue that comes from another port",
    caughtBy: "move: senders that wait for room follow to second, in order, and are accepted as there is room",
    create: () => adopting((messages) => messages.slice(1)),
  },
  {
    name: "forgets attempts on a move",
    law: 8,
    does: "counts the attempts at a message from 0 after a move",
    caughtBy: "move: the attempts at a message count on at second",
    create: () => adopting((messages) => messages.map(({ message }) => ({ message, attempts: 0 }))),
  },
  {
    name: "is in a hurry to move",
    law: 8,
    does: "abandons the message in flight where a kernel is asked to finish it",
    caughtBy: "move: the message in flight is finished before the kernel goes to second",
    create: () =>
      spoiled({
        incarnation: (incarnation) =>
          incarnationWith(incarnation, {
            stop: (mode) => incarnation.stop(mode === "finish" ? "abandon" : mode),
          }),
      }),
  },
  {
    name: "keeps its first capacity",
    law: 8,
    does: "opens every port of a kernel with the capacity of the first one",
    caughtBy: "tune: a queue grows and shrinks; what is in it stays, and senders wait for room",
    create: () => {
      const first = new Map<string, number>();
      return spoiled({
        port(spec, open) {
          const name = `${spec.kernelId} ${spec.direction}`;
          const capacity = first.get(name) ?? spec.capacity;
          first.set(name, capacity);
          return open({ ...spec, capacity });
        },
      });
    },
  },
  {
    name: "runs the old code",
    law: 8,
    does: "starts every incarnation of a kernel with the definition of its launch",
    caughtBy: "swap: new code works on the same queue, and its state goes on from what the old code saved",
    create: () => {
      const first = new Map<string, UnitSpec["kernel"]>();
      return spoiled({
        unit: (unit) => {
          const kernel = first.get(unit.kernel.id) ?? unit.kernel;
          first.set(unit.kernel.id, kernel);
          return { ...unit, kernel };
        },
      });
    },
  },
  {
    name: "leaves a message behind",
    law: 8,
    does: "gives out all but the last message of a queue that goes to another port",
    caughtBy:
      "scale: queued messages are dealt among the workers anew, by priority and in order, also while the stage is paused",
    create: () =>
      spoiled({
        port: eachPort("input", (port) => portWith(port, { remove: async () => (await port.remove()).slice(0, -1) })),
      }),
  },
  {
    name: "forgets the state on a move",
    law: 8,
    does: "starts an incarnation without the latest checkpoint",
    caughtBy: "move: countLoop goes on at second from its latest checkpoint",
    create: () => spoiled({ unit: (unit) => ({ ...unit, restored: undefined }) }),
  },
];

/** Changes what an input takes over from another port. */
function adopting(change: (messages: readonly Unsettled[]) => readonly Unsettled[]): Backend {
  return spoiled({
    port: eachPort("input", (port) =>
      portWith(port, { adopt: async (messages, refused) => port.adopt?.(change(messages), refused) }),
    ),
  });
}
