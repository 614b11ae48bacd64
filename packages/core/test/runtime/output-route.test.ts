import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errors } from "../../src/errors/ringline-error.js";
import type { AnyMessage } from "../../src/messages/any-message.js";
import { MemoryPort } from "../../src/ports/memory-port.js";
import { type LinkMode, OutputRoute } from "../../src/runtime/output-route.js";
import type { PortSpec } from "../../src/seam/port.js";
import { virtualClock } from "../../src/testing/virtual-clock.js";
import { systemClock } from "../../src/time/clock.js";
import { END_SIGNAL, EndSignal, type WaitOptions } from "../../src/time/wait-options.js";
import { numbered, numberOf } from "../support/messages.js";
import { kind, operations, pick } from "../support/operations.js";
import { codeOf, quiet, watch } from "../support/settling.js";

/** No wait is aborted. */
const forever = new AbortController().signal;

type Operation = { do: "push" } | { do: "take"; pick: number };
const steps = operations<Operation>(kind(3, "push"), kind(2, "take", { pick }));

describe.each(["broadcast", "round-robin"] as const)("%s", (mode) => {
  test("over any number of links: who gets what is settled by the order of the sends, full or not", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (links, list) => {
        const { route, targets } = await linked(links, mode);
        const got: number[][] = targets.map(() => []);
        let sent = 0;
        for (const step of list) {
          if (step.do === "push") {
            const message = numbered(sent++);
            if (!route.tryPush(message)) watch(route.push(message));
          } else {
            const message = targets[step.pick % links]!.tryTake();
            if (message !== undefined) got[step.pick % links]!.push(numberOf(message));
          }
          await quiet();
        }
        // whatever still waits comes in as the targets are emptied
        for (const [index, target] of targets.entries()) {
          for (let message = target.tryTake(); message !== undefined; message = target.tryTake()) {
            got[index]!.push(numberOf(message));
          }
        }
        const all = Array.from({ length: sent }, (_, n) => n);
        expect(got).toEqual(
          targets.map((_, index) => (mode === "broadcast" ? all : all.filter((n) => n % links === index))),
        );
      }),
    );
  });
});

describe("links", () => {
  test("until the first one, messages go to the kernel's own output; then those move on first", async () => {
    const own = output();
    const route = new OutputRoute("a", own, systemClock);
    expect(route.tryPush(numbered(0))).toBe(true);
    await route.push(numbered(1));
    expect(route.linkedTo).toEqual([]);

    const target = output();
    route.link({ id: "b", outlet: () => target }, undefined);
    await route.forward(own, forever);
    await route.push(numbered(2));
    expect(route.linkedTo).toEqual(["b"]);
    expect([target.tryTake(), target.tryTake(), target.tryTake()].map(numberOf)).toEqual([0, 1, 2]);
    expect((await own.stats()).ledger).toMatchObject({ accepted: 2, done: 2, queued: 0 });
  });

  test("what the target refuses stays, first in line, and so does the rest", async () => {
    const own = output();
    const route = new OutputRoute("a", own, systemClock);
    for (let n = 0; n < 3; n++) route.tryPush(numbered(n));
    const target = output({ capacity: 1, backpressure: "reject" });
    const link = { id: "b", outlet: () => target };
    route.link(link, undefined);
    expect(await codeOf(() => route.forward(own, forever))).toBe("QUEUE_FULL");
    route.unlink(link);
    expect(route.linkedTo).toEqual([]);
    expect((await own.stats()).ledger).toMatchObject({ accepted: 3, queued: 2, done: 1 });
    expect([own.tryTake(), own.tryTake()].map(numberOf)).toEqual([1, 2]);
    expect(route.tryPush(numbered(3))).toBe(true);
    expect(numberOf(own.tryTake())).toBe(3);
  });

  test("a second one needs a mode, which stays", async () => {
    const route = new OutputRoute("a", output(), systemClock);
    const link = (id: string) => ({ id, outlet: () => output() });
    route.link(link("b"), undefined);
    expect(await codeOf(() => route.link(link("c"), undefined))).toBe("PORT_LINKED");
    route.link(link("c"), "round-robin");
    route.link(link("d"), undefined);
    expect(route.linkedTo).toEqual(["b", "c", "d"]);
    expect(await codeOf(() => route.link(link("e"), "random" as LinkMode))).toBe("INVALID_ARGUMENT");
    expect(await codeOf(() => route.link(link("e"), "broadcast"))).toBe("INVALID_ARGUMENT");
    expect(await codeOf(() => route.link(link("d"), "round-robin"))).toBe("PORT_LINKED");
    expect(route.linkedTo).toEqual(["b", "c", "d"]);
  });
});

describe("round-robin", () => {
  const ends = (target: MemoryPort, kernelId: string) =>
    target.seal(() => new errors.TERMINATED({ operation: "send" }, { kernelId }));

  test("passes over targets that have ended; when all have, the sender hears of it", async () => {
    const { route, targets } = await linked(3, "round-robin");
    await ends(targets[1]!, "b1");
    for (let n = 0; n < 4; n++) expect(route.tryPush(numbered(n))).toBe(true);
    expect([targets[0], targets[2]].map((target) => numberOf(target!.tryTake()))).toEqual([0, 1]);
    await ends(targets[0]!, "b0");
    await ends(targets[2]!, "b2");
    expect(await codeOf(() => route.tryPush(numbered(5)))).toBe("TERMINATED");
    expect(await codeOf(() => route.push(numbered(5)))).toBe("TERMINATED");
  });

  test("whoever waits at a target that ends goes on with the next", async () => {
    const { route, targets } = await linked(2, "round-robin");
    for (let n = 0; n < 4; n++) expect(route.tryPush(numbered(n))).toBe(true);
    const waits = watch(route.push(numbered(4)));
    targets[1]!.tryTake();
    await quiet();
    expect(waits.state).toBe("waits"); // its turn is the first target's
    await ends(targets[0]!, "b0");
    await quiet();
    expect(waits.state).toBe("done");
    expect([targets[1]!.tryTake(), targets[1]!.tryTake()].map(numberOf)).toEqual([3, 4]);
  });

  test("a sender that is about to end itself does not go on", async () => {
    const { route, targets } = await linked(2, "round-robin");
    for (let n = 0; n < 4; n++) route.tryPush(numbered(n));
    const ending = new EndSignal("a");
    const waits = watch(route.push(numbered(4), { [END_SIGNAL]: ending } as WaitOptions));
    targets[1]!.tryTake();
    ending.end();
    await quiet();
    expect(waits.state).toBe("TERMINATED");
    expect(targets[1]!.tryTake()).toBeDefined();
    expect(targets[1]!.tryTake()).toBeUndefined();
  });
});

async function linked(links: number, mode: LinkMode): Promise<{ route: OutputRoute; targets: MemoryPort[] }> {
  const own = output();
  const route = new OutputRoute("a", own, systemClock);
  const targets = Array.from({ length: links }, () => output({ capacity: 2 }));
  for (const [index, target] of targets.entries()) route.link({ id: `b${index}`, outlet: () => target }, mode);
  await route.forward(own, forever);
  return { route, targets };
}

function output(options: Partial<PortSpec> = {}): MemoryPort {
  const [telemetry, dropped] = [undefined, (_: AnyMessage) => {}];
  const spec = {
    kernelId: "k",
    direction: "output",
    capacity: 100,
    backpressure: "block",
    telemetry,
    dropped,
  } as const;
  return new MemoryPort({ ...spec, ...options }, virtualClock(1000));
}

test("a broadcast that one target refuses goes to that one alone when it is tried again", async () => {
  const own = output();
  const route = new OutputRoute("a", own, systemClock);
  const roomy = output();
  const strict = output({ capacity: 1, backpressure: "reject" });
  route.link({ id: "b", outlet: () => roomy }, "broadcast");
  route.link({ id: "c", outlet: () => strict }, "broadcast");
  await route.forward(own, forever);
  const message = numbered(1);
  await route.push(numbered(0));
  expect(await codeOf(() => route.push(message))).toBe("QUEUE_FULL");
  expect(await codeOf(() => route.push(message))).toBe("QUEUE_FULL");
  expect(numberOf(strict.tryTake())).toBe(0);
  await route.push(message);
  expect(numberOf(strict.tryTake())).toBe(1);
  expect([roomy.tryTake(), roomy.tryTake()].map(numberOf)).toEqual([0, 1]);
  expect(roomy.tryTake()).toBeUndefined();
});
