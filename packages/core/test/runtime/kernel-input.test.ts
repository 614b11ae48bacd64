import { expect, test } from "vitest";
import { MemoryPort } from "../../src/ports/memory-port.js";
import { KernelInput } from "../../src/runtime/kernel-input.js";
import type { Place } from "../../src/seam/backend.js";
import type { Port } from "../../src/seam/port.js";
import { virtualClock } from "../../src/testing/virtual-clock.js";
import { numbered } from "../support/messages.js";

const at = (port: Port) => ({ port, place: {} as Place, backend: "main", isHere: false });

test("tells the room behind it, so that who is far away need not ask for each message", async () => {
  const [telemetry, dropped] = [undefined, () => {}];
  const spec = { kernelId: "k", direction: "output", capacity: 4, backpressure: "block", telemetry, dropped } as const;
  const clock = virtualClock(0);
  const port = new MemoryPort(spec, clock);
  const outlet = new KernelInput(at(port), clock, "k");
  expect(outlet.credits).toBe(4);
  await outlet.push(numbered(0));
  expect([outlet.tryPush(numbered(1)), outlet.credits]).toEqual([true, 2]);
  const unknown = new KernelInput(
    at({ outlet: { tryPush: () => true, push: async () => {} } } as unknown as Port),
    clock,
    "k",
  );
  expect(unknown.credits).toBe(0);
});
