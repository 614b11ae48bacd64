import { type BrokenBackend, eachPort, incarnationWith, portWith, spoiled } from "./broken-backend.js";

const once = "process: an end is asked for once, and return is not called after it";

export const law12: readonly BrokenBackend[] = [
  {
    name: "delivers in pairs",
    law: 12,
    does: "holds a message back until another one comes, so that an odd stream never ends",
    caughtBy: once,
    create: () =>
      spoiled({
        port: eachPort("input", (port) => {
          let isFirst = true;
          return portWith(port, {
            inlet: {
              tryTake() {
                const message = port.inlet.tryTake();
                if (message === undefined) return undefined;
                isFirst = !isFirst;
                if (isFirst) return message;
                const next = port.inlet.tryTake();
                if (next !== undefined) port.inlet.settle(next, "requeued");
                else {
                  port.inlet.settle(message, "requeued");
                  isFirst = true;
                  return undefined;
                }
                return message;
              },
            },
          });
        }),
      }),
  },
  {
    name: "a flush that never ends",
    law: 12,
    does: "does not say that a flush has passed, so that no stream ends",
    caughtBy: once,
    create: () =>
      spoiled({
        incarnation: (incarnation) => incarnationWith(incarnation, { flush: () => new Promise(() => {}) }),
      }),
  },
  {
    name: "doubles the last of a stream",
    law: 12,
    does: "delivers what was read last once more",
    caughtBy: "process: each read lets the source go on",
    create: () =>
      spoiled({
        port: eachPort("input", (port) => {
          let count = 0;
          return portWith(port, {
            outlet: {
              tryPush(message) {
                const isAccepted = port.outlet.tryPush(message);
                if (isAccepted && ++count === 300) port.outlet.tryPush(message);
                return isAccepted;
              },
            },
          });
        }),
      }),
  },
];
