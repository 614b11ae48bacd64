import { type AnyRinglineError, body, defineMessage, errors, traceOf } from "@ringline/core";
import { type AnyMessage, expiryOf, inEnvelope, lineageOf, type Origin, type Requester } from "@ringline/core/internal";
import { virtualClock } from "@ringline/core/testing";
import { describe, expect, test } from "vitest";
import { Channel, type ChannelLink, PLACE, RUNTIME } from "../../src/calls/channel.js";
import { packValue, unpackValue } from "../../src/codec/packed.js";

const Any = defineMessage("Any", body<{ value: unknown }>());
const [here, there] = [virtualClock(1000), virtualClock(50_000)];

/** The two ends of a channel; what is told is heard at once, as it would travel. */
function ends(more: Partial<ChannelLink> = {}) {
  const told: unknown[] = [];
  const line = (end: 0 | 1): ChannelLink => ({
    end,
    clock: end === RUNTIME ? here : there,
    isClosed: false,
    ended: () => new errors.TERMINATED({ operation: "send" }),
    send: (control) => {
      told.push(control);
      (end === RUNTIME ? place : runtime).handle(unpackValue(packValue(control)));
    },
    ...more,
  });
  const runtime: Channel = new Channel(line(RUNTIME));
  const place: Channel = new Channel(line(PLACE));
  return { runtime, place, told };
}

function asker(outcome: "taken" | "late" = "taken") {
  const answers: unknown[] = [];
  const failures: AnyRinglineError[] = [];
  const one: Requester = {
    ...{ responder: "worker", name: "the host", asked: "Job", waits: true, isAnswered: false },
    answer: (answer) => {
      answers.push(answer);
      return outcome;
    },
    fail: (error) => failures.push(error),
  };
  return { one, answers, failures };
}

const origin = (): Origin & { left: unknown[] } => {
  const left: unknown[] = [];
  return {
    ...{ left, flow: "f", isCancelled: false, isAlive: true, onCancelled: undefined, isOpen: () => true },
    ...{ enter() {}, withdraw() {}, leave: (node: number, error?: AnyRinglineError) => left.push([node, error?.code]) },
  };
};

const message = (value: unknown, lineage?: { requester?: Requester; origin?: Origin }): AnyMessage =>
  inEnvelope(
    "Any",
    { value },
    {
      ...{ id: "0190163d-8694-739b-aea5-966c26f8ad90", cause: null, priority: 7, lineage },
      ...{ expiresAt: lineage === undefined ? Number.POSITIVE_INFINITY : 1500, trace: "00-aa-bb-01" },
    },
  );

/** The same bytes, with a last value of a kind that nobody knows. */
const spoiled = (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length - 1 ? 15 : byte));

describe("messages between two places", () => {
  test("arrive as they were, deadlines by the clock of where they are", () => {
    const { runtime, place } = ends();
    const [{ one }, flow] = [asker(), origin()];
    const sent = message([1, { two: new Date(2) }], { requester: one, origin: flow });
    const came = place.open(runtime.pack(sent));
    expect(came.toJSON()).toEqual(sent.toJSON());
    expect(traceOf(came)).toBe("00-aa-bb-01");
    expect(expiryOf(came)).toBe(50_500);
    expect(lineageOf(came)).toMatchObject({
      requester: { responder: "worker", name: "the host" },
      origin: { flow: "f" },
    });
    const back = runtime.open(place.pack(came));
    expect(lineageOf(back)).toEqual({ requester: one, origin: flow });
  });

  test("whose body cannot be read give their header", () => {
    const { runtime, place } = ends();
    const bytes = spoiled(runtime.pack(message(true)));
    expect(place.open(bytes).toJSON()).toEqual({ ...message(undefined).toJSON(), value: undefined });
    expect(() => place.read(bytes, "worker")).toThrow(expect.objectContaining({ code: "SERIALIZATION" }));
  });

  test("with shapes that are none are refused", () => {
    const { runtime } = ends();
    for (const list of [[{}], [{ type: "A", keys: ["__proto__"] }], [null], 5]) {
      expect(() => runtime.handle({ k: "shapes", list })).toThrow();
    }
    for (const control of [null, 5, {}, { k: "__proto__" }, { k: 5 }]) expect(() => runtime.handle(control)).toThrow();
  });
});

describe("those who wait", () => {
  test("get the first answer, from wherever it comes", () => {
    const { runtime, place } = ends();
    const { one, answers } = asker();
    const remote = lineageOf(place.open(runtime.pack(message(1, { requester: one }))))?.requester as Requester;
    expect([remote.answer(Any({ value: 2 })), remote.answer(Any({ value: 3 }))]).toEqual(["taken", "further"]);
    expect(answers).toMatchObject([{ value: 2 }]);
  });

  test("get the error, once", () => {
    const { runtime, place } = ends();
    const { one, failures } = asker();
    const remote = lineageOf(place.open(runtime.pack(message(1, { requester: one }))))?.requester as Requester;
    for (let i = 0; i < 2; i++) remote.fail(new errors.NO_REPLY({ reason: "filtered" } as never));
    expect(failures).toMatchObject([{ code: "NO_REPLY" }]);
  });

  test("late answers are told to the runtime, from either end", () => {
    const late: unknown[] = [];
    const { runtime, place } = ends({ late: (answer, ...who) => late.push([{ ...answer }, ...who]) });
    const [mine, yours] = [asker("late"), asker("late")];
    lineageOf(place.open(runtime.pack(message(1, { requester: mine.one }))))?.requester?.answer(Any({ value: 2 }));
    lineageOf(runtime.open(place.pack(message(1, { requester: yours.one }))))?.requester?.answer(Any({ value: 3 }));
    expect(late).toEqual([
      [{ value: 2 }, "worker", "the host", undefined],
      [{ value: 3 }, "worker", "the host", undefined],
    ]);
  });

  test("an answer that cannot be read fails the request and is told with its header", () => {
    const told: unknown[] = [];
    const { runtime, place } = ends({
      late: (answer, asked, _, error) => told.push([answer.messageId, asked, error?.code]),
    });
    const mine = asker();
    runtime.pack(message(1, { requester: mine.one }));
    const answer = spoiled(place.pack(message(true)));
    runtime.handle({ k: "answer", id: 0, responder: "worker", name: "the host", message: answer });
    expect(mine.failures).toMatchObject([{ code: "SERIALIZATION" }]);
    const yours = asker();
    place.pack(message(1, { requester: yours.one }));
    place.handle({
      k: "answer",
      id: 0,
      responder: "other",
      name: "worker",
      message: spoiled(runtime.pack(message(true))),
    });
    expect(yours.failures).toMatchObject([{ code: "SERIALIZATION" }]);
    const { messageId } = message(true);
    expect(told).toEqual([
      [messageId, "worker", "SERIALIZATION"],
      [messageId, "other", "SERIALIZATION"],
    ]);
  });
});

describe("inputs of flows", () => {
  test("are left and cancelled across", () => {
    const { runtime, place } = ends();
    const flow = origin();
    const remote = lineageOf(place.open(runtime.pack(message(1, { origin: flow }))))?.origin as Origin;
    remote.leave(3, new errors.EXPIRED({} as never));
    expect(flow.left).toEqual([[3, "EXPIRED"]]);
    flow.onCancelled?.();
    expect(remote.isCancelled).toBe(true);
  });
});

describe("calls", () => {
  test("are answered, refused, and ended with the channel", async () => {
    const { runtime, place } = ends();
    place.handlers.on("double", ({ n }: { n: number }) => 2 * n);
    place.handlers.on("refuse", () => {
      throw new errors.TERMINATED({ operation: "send" });
    });
    place.handlers.on(
      "wait",
      (_, __, { signal }) => new Promise((resolve) => signal.addEventListener("abort", resolve)),
    );
    expect(await runtime.call({ k: "double", n: 21 })).toBe(42);
    await expect(runtime.call({ k: "refuse" })).rejects.toMatchObject({ code: "TERMINATED" });
    await expect(runtime.call({ k: "unknown" })).rejects.toThrow("nobody handles");
    await expect(runtime.call({ k: "double", n: () => {} } as never)).rejects.toMatchObject({ code: "SERIALIZATION" });
    const waiting = runtime.call({ k: "wait" });
    runtime.close(() => new errors.HOST_LOST({ host: "h", reason: "silent" }));
    await expect(waiting).rejects.toMatchObject({ code: "HOST_LOST" });
  });
});
