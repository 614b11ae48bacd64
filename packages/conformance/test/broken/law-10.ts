import { type BrokenBackend, eachPort, portWith, spoiled } from "./broken-backend.js";

export const law10: readonly BrokenBackend[] = [
  {
    name: "leaks a timer",
    law: 10,
    does: "leaves a timer running after dispose",
    caughtBy: "fifty runtimes leave nothing",
    create: () => spoiled({ start: () => void setTimeout(() => {}, 60_000) }),
  },
  {
    name: "leaks a port",
    law: 10,
    does: "leaves a message port open after dispose",
    caughtBy: "await using disposes the runtime",
    create: () =>
      spoiled({
        start() {
          const { port1 } = new MessageChannel();
          port1.onmessage = () => {};
          setTimeout(() => port1.close(), 60_000).unref();
        },
      }),
  },
  {
    name: "closes its accounts too early",
    law: 10,
    does: "has forgotten all counts when the runtime is disposed",
    caughtBy: "dispose returns the last ledger of every port",
    create: () =>
      spoiled({
        port: eachPort("input", (port) => {
          let isSealed = false;
          return portWith(port, {
            seal(error) {
              isSealed = true;
              return port.seal(error);
            },
            async stats() {
              const { ledger, ...stats } = await port.stats();
              return { ...stats, ledger: isSealed ? { ...ledger, accepted: 0, done: 0, deadLettered: 0 } : ledger };
            },
          });
        }),
      }),
  },
];
