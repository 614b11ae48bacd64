import { type BrokenBackend, eachPort, incarnationWith, portWith, spoiled } from "./broken-backend.js";

export const law05: readonly BrokenBackend[] = [
  {
    name: "delivers while deactivated",
    law: 5,
    does: "goes on delivering to a kernel that was deactivated",
    caughtBy: "handler: a deactivated kernel keeps its queue and is delivered nothing",
    create: () =>
      spoiled({
        port: eachPort("input", (port) =>
          portWith(port, { gate: async (open) => (open ? port.gate(true) : undefined) }),
        ),
      }),
  },
  {
    name: "delivers before activation",
    law: 5,
    does: "delivers to a kernel as soon as it is launched",
    caughtBy: "handler: a launched kernel keeps its queue and is delivered nothing",
    create: () =>
      spoiled({
        port: eachPort("input", (port) => {
          void port.gate(true);
          return port;
        }),
      }),
  },
  {
    name: "loses the queue on deactivate",
    law: 5,
    does: "empties the queue of a kernel that is deactivated",
    caughtBy: "handler: pausing a hundred times loses nothing and keeps the order",
    create: () =>
      spoiled({
        port: eachPort("input", (port) =>
          portWith(port, {
            async gate(open) {
              await port.gate(open);
              if (!open) await port.remove();
            },
          }),
        ),
      }),
  },
  {
    name: "stays inactive",
    law: 5,
    does: "delivers to a body that it tells it is not active",
    caughtBy: "a body sees that it is active, and keeps its state over a pause",
    create: () =>
      spoiled({ incarnation: (incarnation) => incarnationWith(incarnation, { setActive: async () => {} }) }),
  },
  {
    name: "cannot pause twice",
    law: 5,
    does: "does not open again after a second pause",
    caughtBy: "handler: pausing a hundred times loses nothing and keeps the order",
    create: () =>
      spoiled({
        port: eachPort("input", (port) => {
          let opened = 0;
          return portWith(port, { gate: async (open) => (open && ++opened > 2 ? undefined : port.gate(open)) });
        }),
      }),
  },
  {
    name: "does not abandon",
    law: 5,
    does: "lets a body that was given up go on",
    caughtBy: "nothing that an abandoned body does has an effect",
    create: () =>
      spoiled({
        incarnation: (incarnation) =>
          incarnationWith(incarnation, {
            stop: async (mode) => {
              if (mode === "abandon") await new Promise(() => {});
              await incarnation.stop(mode);
            },
          }),
      }),
  },
  {
    name: "does not drain",
    law: 5,
    does: "takes a kernel for idle that has messages in its queue",
    caughtBy: "terminate with drain: a body that still works is waited for, and accepts nothing more",
    create: () => spoiled({ port: eachPort("input", (port) => portWith(port, { idle: async () => {} })) }),
  },
  {
    name: "a clock that is fast",
    law: 5,
    does: "calls timers as soon as they are set",
    caughtBy: "timers: one is called once, not before it is due, and its result is an output",
    isTimed: true,
    create: () =>
      spoiled({
        clock: (clock) => ({ now: () => clock.now(), after: (_, callback) => clock.after(0, callback) }),
      }),
  },
  {
    name: "timers while deactivated",
    law: 5,
    does: "does not tell a body that its kernel is deactivated",
    caughtBy: "timers: a deactivated kernel calls its timers when it is active again",
    create: () =>
      spoiled({
        incarnation: (incarnation) =>
          incarnationWith(incarnation, {
            setActive: async (active) => (active ? incarnation.setActive(true) : undefined),
          }),
      }),
  },
];
