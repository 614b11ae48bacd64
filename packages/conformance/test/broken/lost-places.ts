import { errors } from "@ringline/core";
import type { Port, PortSpec } from "@ringline/core/backend";
import { type AnyMessage, copyMessage, envelopeOf, type PortStats } from "@ringline/core/internal";
import { Job } from "../../src/kernels/jobs.js";
import { type BrokenBackend, eachPort, type Faults, portWith } from "./broken-backend.js";
import { type Losses, losable } from "./losable-memory.js";

const caught = (name: string) => `lost place: ${name}`;

/** Spoils each input of a kernel once its place has been lost. */
function afterLoss(
  spoil: (port: Port, losses: () => number, spec: PortSpec) => Port,
  direction: PortSpec["direction"] = "input",
): (losses: Losses) => Faults {
  return (losses) => ({
    port: eachPort(direction, (port, spec) => spoil(port, () => losses.of(spec.kernelId), spec)),
  });
}

/** Spoils the figures of an input once its place has been lost. */
function countsAfterLoss(spoil: (stats: PortStats, losses: number) => PortStats): (losses: Losses) => Faults {
  return afterLoss((port, losses) =>
    portWith(port, {
      async stats() {
        const stats = await port.stats();
        return losses() === 0 ? stats : spoil(stats, losses());
      },
    }),
  );
}

/** Does something with a port when the place of its kernel is lost. */
function atLoss(
  act: (port: Port, spec: PortSpec) => unknown,
  direction: PortSpec["direction"] = "input",
): (losses: Losses) => Faults {
  return (losses) => ({
    port: eachPort(direction, (port, spec) => {
      losses.on(spec.kernelId, () => void act(port, spec));
      return port;
    }),
  });
}

/** Gives every message that is delivered after a loss in another form. */
function changedAfterLoss(change: (message: AnyMessage) => AnyMessage): (losses: Losses) => Faults {
  return afterLoss((port, losses) => {
    const originals = new WeakMap<AnyMessage, AnyMessage>();
    const original = (message: AnyMessage) => originals.get(message) ?? message;
    return portWith(port, {
      inlet: {
        tryTake() {
          const message = port.inlet.tryTake();
          if (message === undefined || losses() === 0) return message;
          const changed = change(message);
          originals.set(changed, message);
          return changed;
        },
        settle: (message, outcome, attempts) => port.inlet.settle(original(message), outcome, attempts),
        attemptsOf: (message) => port.inlet.attemptsOf(original(message)),
      },
    });
  });
}

const header = (change: object) => (message: AnyMessage) => copyMessage(message, { ...envelopeOf(message), ...change });

const queued = "worker, launched: what is queued stays, in order";
const inHand = "worker: what was in hand is delivered again, before what is queued";
const envelope = "header and envelope of the second delivery are those of the first";
const counts = "counts go on over the lives of a kernel";

export const lostPlaces: readonly BrokenBackend[] = [
  {
    name: "loses the queue with its place",
    law: 1,
    does: "keeps what is queued in a place, and loses it with that",
    caughtBy: caught(queued),
    ...losable(atLoss((port) => port.remove())),
  },
  {
    name: "loses unread outputs with their place",
    law: 1,
    does: "keeps outputs that nobody has read in a place, and loses them with that",
    caughtBy: caught("outputs that nobody has read yet stay, in order"),
    ...losable(atLoss((port) => port.remove(), "output")),
  },
  {
    name: "delivers half of a batch again",
    law: 1,
    does: "gives back one message of those that a lost place had in hand",
    caughtBy: caught("a batch in hand comes again as a whole, once"),
    ...losable(
      afterLoss((port) =>
        portWith(port, {
          async recover() {
            const [first, ...others] = await port.recover();
            for (const { message } of others) port.inlet.settle(message, "done");
            return first === undefined ? [] : [first];
          },
        }),
      ),
    ),
  },
  {
    name: "keeps no order over a loss",
    law: 3,
    does: "takes the queue over from a lost place from the back",
    caughtBy: caught("what is queued keeps its priority and its order"),
    ...losable((losses) => ({
      port: eachPort("input", (port, { kernelId }) => {
        const kept: AnyMessage[] = [];
        return portWith(port, {
          inlet: {
            tryTake() {
              for (let next = port.inlet.tryTake(); next !== undefined; next = port.inlet.tryTake()) kept.push(next);
              return losses.of(kernelId) > 0 ? kept.pop() : kept.shift();
            },
          },
        });
      }),
    })),
  },
  {
    name: "lets senders go at a loss",
    law: 4,
    does: "ends the sends that wait at a kernel whose place is lost",
    caughtBy: caught("parked senders wait on, and are let in in their order"),
    ...losable(
      atLoss((port, { kernelId }) => port.seal(() => new errors.TERMINATED({ operation: "send" }, { kernelId }))),
    ),
  },
  {
    name: "loses room with a place",
    law: 4,
    does: "does not get back the room of one message of a lost place",
    caughtBy: caught("reject: what was refused stays refused, and capacity is what it was"),
    ...losable((losses) => ({
      port: async (spec, open) => {
        const port = await open(spec);
        if (spec.backpressure !== "reject") return port;
        let queue = 0;
        const full = () => losses.of(spec.kernelId) > 0 && queue >= spec.capacity - 1;
        return portWith(port, {
          outlet: {
            tryPush(message) {
              if (full()) throw new errors.QUEUE_FULL({ queueSize: spec.capacity }, spec);
              queue++;
              return port.outlet.tryPush(message);
            },
          },
          inlet: {
            tryTake() {
              const message = port.inlet.tryTake();
              if (message !== undefined) queue--;
              return message;
            },
          },
        });
      },
    })),
  },
  {
    name: "counts drops again after a loss",
    law: 4,
    does: "counts each drop before a loss a second time",
    caughtBy: caught("drop-oldest: the ledger is exact after three losses under a flood"),
    ...losable(
      countsAfterLoss(({ ledger, ...stats }) => ({
        ...stats,
        ledger: {
          ...ledger,
          accepted: ledger.accepted + (ledger.dropped > 0 ? 1 : 0),
          dropped: ledger.dropped + (ledger.dropped > 0 ? 1 : 0),
        },
      })),
    ),
  },
  {
    name: "a negative queue after a loss",
    law: 4,
    does: "takes what was dropped off the queue once more, so that it holds less than nothing",
    caughtBy: caught("drop-oldest: the ledger is exact after three losses under a flood"),
    ...losable(
      countsAfterLoss(({ ledger, ...stats }) => ({
        ...stats,
        ledger: { ...ledger, queued: ledger.queued - ledger.dropped, done: ledger.done + ledger.dropped },
      })),
    ),
  },
  {
    name: "wakes up the deactivated at a loss",
    law: 1,
    does: "delivers to the next life of a kernel that is deactivated",
    caughtBy: caught("deactivated: what is queued stays, and is delivered when the kernel is active again"),
    ...losable(atLoss((port) => port.gate(true))),
  },
  {
    name: "forgets what a lost place had in hand",
    law: 9,
    does: "gives back nothing of what was in hand at a loss",
    caughtBy: caught(inHand),
    ...losable(afterLoss((port) => portWith(port, { recover: async () => [] }))),
  },
  {
    name: "takes what a lost place had in hand for done",
    law: 9,
    does: "counts what was in hand at a loss as done",
    caughtBy: caught(inHand),
    ...losable(
      afterLoss((port) =>
        portWith(port, {
          async recover() {
            for (const { message } of await port.recover()) port.inlet.settle(message, "done");
            return [];
          },
        }),
      ),
    ),
  },
  {
    name: "counts a loss as many attempts",
    law: 9,
    does: "says of what a lost place had in hand that it was tried 589,824 times",
    caughtBy: caught("worker: each loss is one attempt, and the letter counts them"),
    ...losable(
      afterLoss((port) =>
        portWith(port, {
          recover: async () => (await port.recover()).map((one) => ({ ...one, attempts: one.attempts + 589_823 })),
        }),
      ),
    ),
  },
  {
    name: "counts a loss as no attempt",
    law: 9,
    does: "delivers what a lost place had in hand as if it had never been tried",
    caughtBy: caught("worker: each loss is one attempt, and the letter counts them"),
    ...losable(
      afterLoss((port) =>
        portWith(port, {
          inlet: {
            settle: (message, outcome) => port.inlet.settle(message, outcome, 0),
            attemptsOf: () => 0,
          },
        }),
      ),
    ),
  },
  {
    name: "loses the priority at a loss",
    law: 9,
    does: "delivers with the default priority after a loss",
    caughtBy: caught(envelope),
    ...losable(changedAfterLoss(header({ priority: 128 }))),
  },
  {
    name: "loses the cause at a loss",
    law: 9,
    does: "delivers without correlation id after a loss",
    caughtBy: caught(envelope),
    ...losable(changedAfterLoss(header({ cause: null }))),
  },
  {
    name: "gives another id at a loss",
    law: 9,
    does: "delivers under another message id after a loss",
    caughtBy: caught(envelope),
    ...losable(changedAfterLoss(header({ id: envelopeOf(Job({ n: 0 }) as unknown as AnyMessage).id }))),
  },
  {
    name: "loses the requester at a loss",
    law: 2,
    does: "delivers a request as an ordinary message after a loss, so that nobody is answered",
    caughtBy: caught("a request in hand is answered by the next life, once"),
    ...losable(changedAfterLoss(header({ lineage: undefined }))),
  },
  {
    name: "notices no loss",
    law: 9,
    does: "goes on as if the lost place were there",
    caughtBy: caught(inHand),
    ...losable(() => ({ isUnnoticed: () => true })),
  },
  {
    name: "notices the first loss only",
    law: 9,
    does: "does not notice that the next place of a kernel is lost too",
    caughtBy: caught("a place that is lost as soon as it has come up is one more loss"),
    ...losable((losses) => ({ isUnnoticed: ({ kernel }) => losses.of(kernel.id) > 0 })),
  },
  {
    name: "gives up at a second loss",
    law: 9,
    does: "lets a kernel fail for good when another one was lost a moment ago",
    caughtBy: caught("two losses within 60 ms: both kernels live again and answer"),
    ...losable(() => {
      let lastLoss = Number.NEGATIVE_INFINITY;
      return {
        exit(exit) {
          const isSecond = performance.now() - lastLoss < 5000;
          lastLoss = performance.now();
          return isSecond ? { kind: "stopped" } : exit;
        },
      };
    }),
  },
  {
    name: "lets a lost body go on",
    law: 2,
    does: "does not end what a lost kernel waits for, which then takes what its next life should get",
    caughtBy: caught("a receive that a lost kernel has begun takes nothing"),
    ...losable(() => ({ goesOn: true })),
  },
  {
    name: "says that the kernel threw",
    law: 6,
    does: "reports a loss as a failure of the kernel",
    caughtBy: caught("without supervision all that waits for the kernel ends with the loss, and its queue is told"),
    ...losable(() => ({
      error: (_, { kernel }) => new errors.KERNEL_FAILED({ restarts: 0 }, { kernelId: kernel.id }),
    })),
  },
  {
    name: "gives no reason for a loss",
    law: 6,
    does: "says that a place is lost, and not why",
    caughtBy: caught("without supervision all that waits for the kernel ends with the loss, and its queue is told"),
    ...losable(() => ({
      error: (_, { kernel }) => new errors.HOST_LOST({ host: "a host", reason: "" }, { kernelId: kernel.id }),
    })),
  },
  {
    name: "gives a drain up at a loss",
    law: 5,
    does: "takes a kernel for idle whose place was lost",
    caughtBy: caught("a drain that is under way goes on in the next life, until all is done"),
    ...losable((losses) => ({
      port: eachPort("input", (port, { kernelId }) =>
        portWith(port, {
          idle: (wait) =>
            Promise.race([port.idle(wait), new Promise<void>((resolve) => losses.on(kernelId, () => resolve()))]),
        }),
      ),
    })),
  },
  {
    name: "publishes what a lost place has sent",
    law: 9,
    does: "lets outputs leave as they are sent, also where a loss may follow before their input is done",
    caughtBy: caught("commit: mortalLoop: each output comes once, and so does what went to a peer"),
    ...losable(() => ({
      unit: ({ kernel, ...unit }) => ({
        ...unit,
        kernel: { ...kernel, supervise: { ...kernel.supervise, effects: "immediate" } },
      }),
    })),
  },
  {
    name: "loses the state with its place",
    law: 9,
    does: "begins the next life without the checkpoint of the one before",
    caughtBy: caught("a state goes on where its last checkpoint was"),
    ...losable((losses) => ({
      unit: (unit) => (losses.of(unit.kernel.id) > 0 ? { ...unit, restored: undefined } : unit),
    })),
  },
  {
    name: "forgets its counts at a loss",
    law: 7,
    does: "counts deliveries of the present life only",
    caughtBy: caught(counts),
    ...losable(countsAfterLoss((stats) => ({ ...stats, received: 0 }))),
  },
  {
    name: "counts a loss as requeued",
    law: 7,
    does: "counts one message as requeued at each loss, whether there was one or not",
    caughtBy: caught(counts),
    ...losable(countsAfterLoss((stats, losses) => ({ ...stats, requeued: stats.requeued + losses }))),
  },
  {
    name: "the rate of a life",
    law: 7,
    does: "divides all that was processed by the age of the present life",
    caughtBy: caught("throughput is never more than was processed in the time that passed"),
    ...losable(
      countsAfterLoss(({ throughput, ...stats }) => ({
        ...stats,
        throughput: { ...throughput, overall: throughput.overall * 20 },
      })),
    ),
  },
  {
    name: "latencies of a life",
    law: 7,
    does: "forgets at a loss how long messages took before",
    caughtBy: caught("latencies keep what was measured before"),
    ...losable((losses) => ({
      incarnation: (incarnation) => incarnation,
      unit: (unit) => (losses.of(unit.kernel.id) > 0 ? { ...unit, processing: undefined } : unit),
    })),
  },
  {
    name: "says nowhere",
    law: 8,
    does: "does not say where a kernel runs",
    caughtBy: caught("inspect says where a kernel runs, and that it runs nowhere once it has ended"),
    ...losable(() => ({ place: () => undefined })),
  },
  {
    name: "says that it can be lost",
    law: 8,
    does: "states the capability, and gives no way to lose a place",
    caughtBy: 'factory: its manifest says "losable" exactly if the subject can lose a place',
    create: losable().create,
  },
  {
    name: "takes everybody along",
    law: 11,
    does: "ends all kernels when one place is lost",
    caughtBy: caught("kernels elsewhere go on: no restart, no error, nothing delivered twice"),
    ...losable(() => ({ victims: (_, all) => all })),
  },
  {
    name: "names the neighbours of a loss",
    law: 11,
    does: "says of a loss that it was that of kernel a",
    caughtBy: caught("kernels elsewhere go on: no restart, no error, nothing delivered twice"),
    ...losable(() => ({
      error: () => new errors.HOST_LOST({ host: "a host", reason: "it was ended" }, { kernelId: "a" }),
    })),
  },
];
