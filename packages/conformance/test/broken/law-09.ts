import { errors } from "@ringline/core";
import type { Incarnation, Port } from "@ringline/core/backend";
import type { AnyMessage, Exit } from "@ringline/core/internal";
import { type BrokenBackend, eachPort, incarnationWith, portWith, spoiled } from "./broken-backend.js";

/** Says something else of how a body ended. */
function ending(incarnation: Incarnation, spoil: (exit: Exit) => Exit): Incarnation {
  return incarnationWith(incarnation, { exited: incarnation.exited.then(spoil) });
}

/** Delivers what was requeued only when nothing else is left. */
function requeuesLast(port: Port): Port {
  const again: AnyMessage[] = [];
  let reader = () => {};
  return portWith(port, {
    inlet: {
      tryTake() {
        const message = port.inlet.tryTake();
        if (message === undefined || !again.includes(message)) return message;
        const next = port.inlet.tryTake();
        if (next === undefined) {
          again.splice(again.indexOf(message), 1);
          return message;
        }
        port.inlet.settle(message, "requeued");
        return next;
      },
      settle(message, outcome, attempts) {
        if (outcome === "requeued") again.push(message);
        const settled = port.inlet.settle(message, outcome, attempts);
        reader();
        return settled;
      },
      whenReadable(callback) {
        reader = () => port.inlet.whenReadable(callback);
        reader();
      },
    },
  });
}

const order = "crash: loopWorker keeps its queue in order; what was in hand becomes a dead letter";
const retries = "retry: loopWorker does everything in order, however often it crashes";

export const law09: readonly BrokenBackend[] = [
  {
    name: "forgets what was deleted",
    law: 9,
    does: "saves the new values of a state by key, and not that a key has none any more",
    caughtBy: "state by key: other code goes on with it",
    create: () =>
      spoiled({
        unit: ({ reports, ...unit }) => {
          const checkpoint: typeof reports.checkpoint = (state, settles) =>
            reports.checkpoint({ ...(state as object), deleted: [] }, settles);
          return { ...unit, reports: { ...reports, checkpoint } };
        },
      }),
  },
  {
    name: "loses the queue on restart",
    law: 9,
    does: "empties the queue of a kernel that crashes, with no dead letter",
    caughtBy: order,
    create: () =>
      spoiled({
        port: eachPort("input", (port) =>
          portWith(port, {
            async recover() {
              const lost = await port.recover();
              await port.remove();
              return lost;
            },
          }),
        ),
      }),
  },
  {
    name: "forgets what was in hand",
    law: 9,
    does: "gives back nothing of what a crashed body had in hand",
    caughtBy: order,
    create: () => spoiled({ port: eachPort("input", (port) => portWith(port, { recover: async () => [] })) }),
  },
  {
    name: "delivers the retried message last",
    law: 9,
    does: "puts what is to be delivered again behind everything else",
    caughtBy: retries,
    create: () => spoiled({ port: eachPort("input", requeuesLast) }),
  },
  {
    name: "takes a retry for done",
    law: 9,
    does: "settles what is to be delivered again",
    caughtBy: retries,
    create: () =>
      spoiled({
        port: eachPort("input", (port) =>
          portWith(port, {
            inlet: {
              settle: (message, outcome) => port.inlet.settle(message, outcome === "requeued" ? "done" : outcome),
            },
          }),
        ),
      }),
  },
  {
    name: "never restarts",
    law: 9,
    does: "says of a body that failed that it was asked to end",
    caughtBy: "policy on-failure: a body that throws lives again",
    create: () =>
      spoiled({
        incarnation: (incarnation) =>
          ending(incarnation, (exit) => (exit.kind === "failed" ? { kind: "stopped" } : exit)),
      }),
  },
  {
    name: "publishes at once",
    law: 9,
    does: "lets outputs leave as they are sent, also where they are to wait for their input",
    caughtBy: "commit: mortalLoop: of failed attempts no output is seen, nor what went to a peer",
    create: () =>
      spoiled({
        unit: ({ kernel, ...unit }) => ({
          ...unit,
          kernel: { ...kernel, supervise: { ...kernel.supervise, effects: "immediate" } },
        }),
      }),
  },
  {
    name: "lets go of senders on restart",
    law: 9,
    does: "ends the sends that wait at a kernel which crashes",
    caughtBy: "between lives: parked senders and receivers of loopWorker wait on, what was in hand: retry",
    create: () =>
      spoiled({
        port: eachPort("input", (port, { kernelId }) =>
          portWith(port, {
            async recover() {
              await port.seal(() => new errors.TERMINATED({ operation: "send" }, { kernelId }));
              return port.recover();
            },
          }),
        ),
      }),
  },
  {
    name: "makes up new ids",
    law: 9,
    does: "gives the outputs of each try ids of their own",
    caughtBy: "ids: mortalLoop: what a retry sends again has the ids that it had before",
    create: () =>
      spoiled({
        unit: ({ kernel, ...unit }) => ({
          ...unit,
          kernel: { ...kernel, supervise: { ...kernel.supervise, onCrash: "dead-letter" } },
        }),
      }),
  },
  {
    name: "forgets checkpoints",
    law: 9,
    does: "begins each life without what the one before has saved",
    caughtBy: "state: keeperLoop goes on where it was, crash or no crash",
    create: () => spoiled({ unit: (unit) => ({ ...unit, restored: undefined }) }),
  },
  {
    name: "tells of no settled checkpoint",
    law: 9,
    does: "does not say that what a checkpoint waits for is done",
    caughtBy: "state: with commit it is kept where a message comes twice in a row, and the second time fails",
    create: () =>
      spoiled({
        unit: ({ reports, ...unit }) => ({ ...unit, reports: { ...reports, checkpointSettled() {} } }),
      }),
  },
  {
    name: "keeps the first checkpoint",
    law: 9,
    does: "takes no further checkpoint of a kernel once it has one",
    caughtBy: "state: a body that returns and lives again has it too",
    create: () => {
      const kept = new Set<string>();
      return spoiled({
        unit: ({ reports, ...unit }) => ({
          ...unit,
          reports: {
            ...reports,
            checkpoint(state, settles) {
              if (kept.has(unit.kernel.id)) return undefined;
              kept.add(unit.kernel.id);
              return reports.checkpoint(state, settles);
            },
          },
        }),
      });
    },
  },
  {
    name: "opens with each life",
    law: 9,
    does: "delivers to a new life also where the kernel was deactivated",
    caughtBy: "between lives: mortalLoop that is deactivated meanwhile is delivered nothing in its next life either",
    create: () => {
      const begun = new WeakSet<Port>();
      return spoiled({
        unit(unit) {
          if (begun.has(unit.input)) void unit.input.gate(true);
          begun.add(unit.input);
          return unit;
        },
      });
    },
  },
  {
    name: "a new life is not active",
    law: 9,
    does: "does not tell a body that lives again that it is active",
    caughtBy: "between lives: the next life knows whether it is active",
    create: () => {
      const begun = new Set<string>();
      let isAgain = false;
      return spoiled({
        unit(unit) {
          isAgain = begun.has(unit.kernel.id);
          begun.add(unit.kernel.id);
          return unit;
        },
        incarnation: (incarnation) =>
          isAgain ? incarnationWith(incarnation, { setActive: async () => {} }) : incarnation,
      });
    },
  },
  {
    name: "forgets all but one in progress",
    law: 9,
    does: "gives back only the first of the messages that a crashed body had in hand",
    caughtBy: "concurrency: after a crash what was in progress is tried again in order, and no output is doubled",
    create: () =>
      spoiled({
        port: eachPort("input", (port) => portWith(port, { recover: async () => (await port.recover()).slice(0, 1) })),
      }),
  },
];
