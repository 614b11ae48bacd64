import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Line } from "../src/subject.js";
import { latency, openLoop } from "../src/workloads/latency.js";

/** Answers at once, but for one message that holds up everything behind it. */
function stalling(stall: number, at: number): Line {
  const inbox: number[] = [];
  let waiter: (() => void) | undefined;
  return {
    async send(n) {
      if (n === at) await sleep(stall);
      inbox.push(n);
      waiter?.();
    },
    async receive() {
      while (inbox.length === 0) await new Promise<void>((resolve) => (waiter = resolve));
      return { n: inbox.shift() as number, messageId: 1, priority: 128, correlationId: 0 };
    },
    close: async () => {},
  };
}

describe("openLoop", () => {
  it("charges a stall to every message that was due meanwhile, those not yet sent included", async () => {
    const [rate, stall] = [1000, 200];
    const latencies = await openLoop(stalling(stall, 20), rate, 300);
    // those due half-way through the stall waited for at least half of it
    const halfway = Array.from(latencies.slice(20, 20 + (stall * rate) / 2000));
    expect(Math.min(...halfway)).toBeGreaterThan((stall / 2) * 1000 * 0.9);
    expect(latencies.filter((microseconds) => microseconds > 50_000).length).toBeGreaterThanOrEqual(140);
  });

  it("finds a line that loses its order", async () => {
    const line = stalling(0, -1);
    const swapped: Line = { ...line, receive: async () => ({ ...(await line.receive()), n: 7 }) };
    await expect(openLoop(swapped, 1000, 3)).rejects.toThrow("got message 7 where 0 was due");
  });
});

describe("latency", () => {
  it("tells percentiles that rise, and p99 as its figure", async () => {
    const found = await latency({ name: "latency", rate: 2000, duration: 50 }).measure(stalling(5, 50));
    if (typeof found === "number") throw new Error("a number");
    const { percentiles = {}, value } = found;
    const rising = Object.values(percentiles);
    expect(Object.keys(percentiles)).toEqual(["p50", "p90", "p99", "p99.9", "max"]);
    expect([...rising].sort((a, b) => a - b)).toEqual(rising);
    expect(value).toBe(percentiles["p99"]);
  });
});
