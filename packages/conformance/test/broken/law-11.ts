import type { Port } from "@ringline/core/backend";
import type { AnyMessage } from "@ringline/core/internal";
import { type BrokenBackend, eachPort, incarnationWith, portWith, spoiled } from "./broken-backend.js";

export const law11: readonly BrokenBackend[] = [
  {
    name: "a bad message takes the next one along",
    law: 11,
    does: "makes a dead letter of the message behind a bad one too",
    caughtBy: "a message that fails in worker is the only one, and all others are done in order",
    create: () =>
      spoiled({
        port: eachPort("input", (port) => {
          let isBad = false;
          return portWith(port, {
            inlet: {
              tryTake() {
                const message = port.inlet.tryTake();
                if (message === undefined || !isBad) return message;
                isBad = false;
                port.inlet.settle(message, "done");
                return port.inlet.tryTake();
              },
              settle(message, outcome, attempts) {
                if (outcome === "dead-lettered") isBad = true;
                return port.inlet.settle(message, outcome, attempts);
              },
            },
          });
        }),
      }),
  },
  {
    name: "one kernel at a time",
    law: 11,
    does: "delivers to no kernel while another one works",
    caughtBy: "a kernel that works for a long time keeps nobody waiting but its own messages",
    create: () => {
      const busy = new Set<AnyMessage>();
      const readers = new Map<Port, () => void>();
      return spoiled({
        port: eachPort("input", (port) =>
          portWith(port, {
            inlet: {
              tryTake() {
                if (busy.size > 0) return undefined;
                const message = port.inlet.tryTake();
                if (message !== undefined) busy.add(message);
                return message;
              },
              whenReadable(callback) {
                readers.set(port, callback);
                port.inlet.whenReadable(callback);
              },
              settle(message, outcome, attempts) {
                busy.delete(message);
                const isSettled = port.inlet.settle(message, outcome, attempts);
                for (const [other, reader] of readers) queueMicrotask(() => other.inlet.whenReadable(reader));
                return isSettled;
              },
            },
          }),
        ),
      });
    },
  },
  {
    name: "one failure fails all",
    law: 11,
    does: "ends every kernel when one has failed",
    caughtBy: "a kernel that fails for good leaves its neighbours and the runtime as they were",
    create: () => {
      const fail: (() => void)[] = [];
      return spoiled({
        incarnation(incarnation) {
          const failed = new Promise<void>((resolve) => fail.push(resolve));
          void incarnation.exited.then((exit) => {
            if (exit.kind === "failed") for (const one of fail) one();
          });
          const stopped = failed.then(() => incarnation.stop("abandon")).then(() => ({ kind: "stopped" }) as const);
          return incarnationWith(incarnation, { exited: Promise.race([incarnation.exited, stopped]) });
        },
      });
    },
  },
  {
    name: "one queue for all outputs",
    law: 11,
    does: "gives all outputs of a runtime the room of one",
    caughtBy: "a kernel whose output nobody reads holds up no other",
    create: () => {
      let unread = 0;
      return spoiled({
        port: eachPort("output", (port, { capacity }) =>
          portWith(port, {
            outlet: {
              tryPush(message) {
                if (unread >= capacity) return false;
                unread++;
                return port.outlet.tryPush(message);
              },
              async push(message, wait) {
                while (unread >= capacity) {
                  wait?.signal?.throwIfAborted();
                  await new Promise((resolve) => setTimeout(resolve, 1));
                }
                unread++;
                return port.outlet.push(message, wait);
              },
            },
            inlet: {
              tryTake() {
                const message = port.inlet.tryTake();
                if (message !== undefined) unread--;
                return message;
              },
            },
          }),
        ),
      });
    },
  },
  {
    name: "an expired message takes the next one along",
    law: 11,
    does: "takes what stands behind an expired message for expired too",
    caughtBy: "a message that expires costs neither those before nor those behind it",
    create: () =>
      spoiled({
        port: eachPort("input", (port) => {
          let isLate = false;
          return portWith(port, {
            inlet: {
              tryTake() {
                const message = port.inlet.tryTake();
                if (message === undefined || !isLate) return message;
                isLate = false;
                port.inlet.settle(message, "expired");
                return port.inlet.tryTake();
              },
              settle(message, outcome, attempts) {
                if (outcome === "expired") isLate = true;
                return port.inlet.settle(message, outcome, attempts);
              },
            },
          });
        }),
      }),
  },
  {
    name: "the end of one is the end of its like",
    law: 11,
    does: "ends all kernels of a definition with the first of them",
    caughtBy: "the end of one kernel ends neither another of the same definition nor its messages",
    create: () => {
      const stops = new Map<string, (() => void)[]>();
      let definition = "";
      return spoiled({
        unit(unit) {
          definition = unit.kernel.definedAs;
          return unit;
        },
        incarnation(incarnation) {
          const alike = stops.get(definition) ?? [];
          stops.set(definition, alike);
          alike.push(() => void incarnation.stop("cooperative"));
          return incarnationWith(incarnation, {
            async stop(mode) {
              for (const stop of alike) stop();
              await incarnation.stop(mode);
            },
          });
        },
      });
    },
  },
];
