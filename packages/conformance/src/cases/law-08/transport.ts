import { isRinglineError, type KernelHandle, pipeline, traceOf } from "@ringline/core";
import { deepEqual, equal, fail, rejects, soon } from "../../assert.js";
import type { Case } from "../../case.js";
import { Cargo, lender, meddler, mirror, reader, smuggler } from "../../kernels/cargo.js";
import { Task } from "../../kernels/messages.js";
import { passer, passLoop } from "../../kernels/stages.js";
import { telemetryWhen } from "../../support/handle.js";
import type { Trial } from "../../trial.js";

/** Values that every transport carries unchanged. */
const goods: Readonly<Record<string, unknown>> = {
  text: "Grüße, 世界, 🦀",
  numbers: [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER],
  "nothing at all": { left: undefined, none: null },
  "big integers": [2n ** 80n, -1n],
  dates: new Date(1_234_567_890_123),
  maps: new Map<unknown, unknown>([
    ["a", { b: [1] }],
    [2, "two"],
  ]),
  sets: new Set(["x", "y"]),
  "typed arrays": { floats: new Float32Array([0.5, -2]), bytes: new Uint8Array([1, 2, 255]) },
  "empty things": { list: [], object: {}, text: "" },
  "deep structures": JSON.parse("[".repeat(200) + "]".repeat(200)),
  "much text": "x".repeat(300_000),
};

type Handle = KernelHandle<Cargo, Cargo>;
/** The two paths from a kernel to the host: its output port, and the path of answers. */
const ways = {
  output: async (handle: Handle, cargo: Cargo) => {
    await handle.send(cargo);
    return handle.receive(soon);
  },
  answer: (handle: Handle, cargo: Cargo) => handle.request(cargo, soon),
};

export const transport: readonly Case[] = [
  ...Object.entries(goods).map(([what, value]) =>
    everywhere(`transport: ${what} arrive as they were`, async (trial, backend) => {
      const handle = await trial.runtime().start(mirror, { backend });
      for (const way of Object.values(ways)) deepEqual((await way(handle, Cargo({ value }))).value, value, what);
    }),
  ),
  everywhere("transport: a value that holds itself arrives whole", async (trial, backend) => {
    const handle = await trial.runtime().start(mirror, { backend });
    const ring: { self?: unknown } = {};
    ring.self = ring;
    const back = (await handle.request(Cargo({ value: ring }), soon)).value as { self?: unknown };
    equal(back.self, back, "the value within itself");
  }),
  everywhere(
    "transport: of a message inside another the body arrives, where messages are copied",
    async (trial, backend) => {
      const handle = await trial.runtime().start(mirror, { backend });
      const inner = Cargo({ value: [1, { deep: Cargo({ value: "deeper" }) }] });
      const { value } = await handle.request(Cargo({ value: inner }), soon);
      if (trial.manifest(backend).transport === "reference") equal(value, inner, "the message inside");
      else deepEqual(value, { value: [1, { deep: { value: "deeper" } }] }, "the body of the message inside");
    },
  ),
  everywhere("transport: the header arrives as it was", async (trial, backend) => {
    const handle = await trial.runtime().start(reader, { backend });
    const cause = Cargo({ value: 0 });
    for (const priority of [0, 1, 128, 254, 255]) {
      const cargo = Cargo({ value: 1 }, { priority, correlationId: cause.messageId });
      const seen = await handle.request(cargo, soon);
      equal(seen.ownId, cargo.messageId, "messageId");
      equal(seen.ownPriority, priority, "priority");
      equal(seen.cause, cause.messageId, "correlationId");
      equal(seen.fields, "value", "fields of the body");
      equal(seen.correlationId, cargo.messageId, "correlationId of the answer");
    }
  }),
  ...[passer, passLoop].map((kernel) =>
    everywhere(
      `transport: ${kernel.id} hands on what a message belongs to, by a flow and by an answer`,
      async (trial, backend) => {
        const runtime = trial.runtime();
        const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        const flow = await runtime.run(
          pipeline("traced").stage(kernel, { backend }).stage(kernel, { backend, name: "again" }),
        );
        const handle = await runtime.start(kernel, { backend });
        for (const options of [{ trace }, { trace, expiresIn: 3_600_000 }, {}]) {
          const wanted = options.trace;
          equal(traceOf(await flow.request(Task({ n: 1 }, options), soon)), wanted, "by the flow");
          equal(traceOf(await handle.request(Task({ n: 1 }, options), soon)), wanted, "by an answer");
          await handle.send(Task({ n: 1 }, options));
          equal(traceOf(await handle.receive(soon)), wanted, "by the output");
        }
      },
    ),
  ),
  everywhere(
    "transport: a kernel has its sender's very object, or a copy, as the manifest says",
    async (trial, backend) => {
      const handle = await trial.runtime().start(meddler, { backend });
      for (const way of Object.values(ways)) {
        const list = [1, 2];
        await way(handle, Cargo({ value: list }));
        deepEqual(list, trial.manifest(backend).transport === "copy" ? [1, 2] : [1, 2, 99], "the sender's list");
      }
    },
  ),
  ...Object.entries(ways).map(([name, way]) =>
    everywhere(
      `transport: a receiver has the kernel's very object, or a copy, as the manifest says, by ${name}`,
      async (trial, backend) => {
        const handle = await trial.runtime().start(lender, { backend });
        const first = (await way(handle, Cargo({ value: 0 }))).value as string[];
        first.push("yours");
        const second = (await way(handle, Cargo({ value: 0 }))).value;
        deepEqual(
          second,
          trial.manifest(backend).transport === "copy" ? ["mine"] : ["mine", "yours"],
          "the kernel's list",
        );
      },
    ),
  ),
  everywhere(
    "transport: what does not travel is SERIALIZATION where messages are copied, and leaves no trace",
    async (trial, backend) => {
      const handle = await trial.runtime().start(mirror, { backend });
      const cargo = Cargo({ value: { deep: [() => 7] } });
      if (trial.manifest(backend).transport === "reference") {
        const { value } = await handle.request(cargo, soon);
        equal((value as { deep: (() => number)[] }).deep[0]?.(), 7, "what the function gives");
        return;
      }
      const error = await rejects(handle.send(cargo), "SERIALIZATION", "send");
      equal(error.details.path, "value.deep.0", "path");
      equal(error.messageId, cargo.messageId, "messageId");
      await rejects(handle.send(cargo, soon), "SERIALIZATION", "send with a time-out");
      await rejects(handle.request(cargo, soon), "SERIALIZATION", "request");
      equal((await handle.telemetry()).ledger.input.accepted, 0, "accepted");
      equal((await handle.request(Cargo({ value: 1 }), soon)).value, 1, "the next message");
    },
  ),
  ...(["output", "answer"] as const).map((way) =>
    everywhere(
      `transport: a kernel that sends what does not travel fails with SERIALIZATION where messages are copied, by ${way}`,
      async (trial, backend) => {
        const runtime = trial.runtime();
        const handle = await runtime.start(smuggler, { backend });
        const task = Task({ n: 3 });
        const outcome =
          way === "answer" ? handle.request(task, soon) : handle.send(task).then(() => handle.receive(soon));
        if (trial.manifest(backend).transport === "reference") {
          const { value } = await outcome;
          equal((value as { deep: (() => number)[] }).deep[0]?.(), 3, "what the function gives");
          return;
        }
        if (way === "answer") await rejects(outcome, "SERIALIZATION", "the request");
        else outcome.catch(() => {});
        await telemetryWhen(handle, "the dead letter", ({ deadLettered }) => deadLettered === 1);
        const [error] = trial.errors;
        if (!isRinglineError(error, "SERIALIZATION")) fail("no SERIALIZATION was told", error);
        equal(error.kernelId, handle.id, "kernelId");
        equal(runtime.deadLetters.peek({ reason: "SERIALIZATION" }).length, 1, "dead letters");
        await runtime.dispose();
      },
    ),
  ),
];

/** On each backend of the subject. */
function everywhere(name: string, run: (trial: Trial, backend: string) => Promise<void>): Case {
  return {
    law: 8,
    name,
    async run(trial) {
      for (const place of trial.places) {
        trial.errors.length = 0;
        await run(trial, place);
      }
    },
  };
}
