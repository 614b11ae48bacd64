import type { Port, PortSpec } from "@ringline/core/backend";
import { type AnyMessage, copyMessage, type Envelope, envelopeOf } from "@ringline/core/internal";
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
    create: () =>
      spoiled({
        unit: ({ assignment, ...unit }) => ({
          ...unit,
          assignment: assignment && { ...assignment, rate: Number.POSITIVE_INFINITY },
        }),
      }),
  },
];
