import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import { HEAP_LIMIT } from "../src/checks/check.js";
import { measureHeap } from "../src/checks/heap.js";
import { measureOverload, type OpenSlowLine, OVERLOAD_MODES } from "../src/checks/overload.js";
import { Pace } from "../src/checks/pace.js";
import { grownMemory, soak } from "../src/checks/soak.js";
import { openSoakLine } from "../src/checks/soak-ways.js";
import { Interrupted } from "../src/process/within.js";
import { floor } from "../src/subjects/floor.js";
import { fakeSubject } from "./fake-line.js";

const signal = new AbortController().signal;

beforeAll(() => {
  setFlagsFromString("--expose-gc");
  globalThis.gc = runInNewContext("gc") as NonNullable<typeof globalThis.gc>;
});

describe("measureHeap", () => {
  const options = { messages: 300_000, outstanding: 256, limit: 60_000, signal };

  it("sees no growth in the floor", async () => {
    const report = await measureHeap(floor, options);
    expect(report.growth).toBeLessThan(HEAP_LIMIT);
    expect(report.growth).toBe(report.after - report.before);
  });

  it("sees 50 bytes a message that are kept", async () => {
    const kept: object[] = [];
    const leaky = fakeSubject("leaky", (n) => {
      kept.push({ n, of: kept, more: n });
      return n;
    });
    expect((await measureHeap(leaky, options)).growth).toBeGreaterThan(HEAP_LIMIT);
  });

  it("tells how far it is", async () => {
    const seen: number[] = [];
    await measureHeap(floor, { ...options, onProgress: (done) => seen.push(done) });
    expect(seen).toEqual([250_000, 300_000]);
  });
});

describe("soak", () => {
  const options = { seconds: 3, signal };

  it("sees flat memory in process, by each way counted", async () => {
    const report = await soak("in-process", "flow", () => openSoakLine("in-process", "flow"), options);
    expect(report.messages).toBeGreaterThan(2510);
    expect(grownMemory(report)).toEqual([]);
  });

  it("sees what a line keeps of the bytes that pass, in array buffers and in the whole process", async () => {
    const kept: SharedArrayBuffer[] = [];
    const started = performance.now();
    const piece = 8_000_000;
    const leaky = async () => ({
      async run() {
        // 80 MB a second, however fast the machine is
        while (kept.length * piece < 80_000 * (performance.now() - started)) {
          const memory = new SharedArrayBuffer(piece);
          new Uint8Array(memory).fill(1);
          kept.push(memory);
        }
        await new Promise((resolve) => setImmediate(resolve));
      },
      close: async () => {},
    });
    const report = await soak("in-process", "links", leaky, options);
    expect(grownMemory(report).length).toBeGreaterThan(0);
  });
});

/** A queue of 64 with a slow reader that skips, doubles or keeps what a test wants. */
function slowLine(fault: { skip?: number; double?: number } = {}): OpenSlowLine {
  return async (perSecond, seen, hurry) => {
    const queue: number[] = [];
    const parked: { n: number; resolve: () => void }[] = [];
    const account = { accepted: 0, done: 0 };
    let open = true;
    const accept = (n: number) => {
      queue.push(n);
      account.accepted++;
    };
    const see = (n: number) => {
      seen.messages++;
      seen.inOrder &&= n > seen.last;
      seen.last = n;
    };
    void (async () => {
      const pace = new Pace(perSecond);
      while (open) {
        const due = hurry.aborted ? 1000 : await pace.next(hurry).catch(() => 0);
        for (let index = 0; index < due && queue.length > 0; index++) {
          const n = queue.shift()!;
          account.done++;
          if (n !== fault.skip) see(n);
          if (n === fault.double) see(n);
          const next = parked.shift();
          if (next === undefined) continue;
          accept(next.n);
          next.resolve();
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    return {
      send(n) {
        if (queue.length < 64) return Promise.resolve(accept(n));
        if (parked.length >= 100) return Promise.reject(new Error("full"));
        return new Promise((resolve) => parked.push({ n, resolve }));
      },
      ledgers: async () => ({ queue: account }),
      close: async () => {
        open = false;
      },
    };
  };
}

describe("measureOverload", () => {
  const options = { marks: [0.2, 0.5], perSecond: 1000, limit: 10_000, signal } as const;

  it.each(OVERLOAD_MODES)("accounts for every message, %s", async (mode) => {
    const report = await measureOverload(slowLine(), mode, options);
    expect(report.nothingLost).toBe(true);
    expect(report.processed).toBe(report.accepted);
    expect(report.accepted + report.refused).toBe(report.sent);
    // The slow line parks 100 senders at most.
    expect(report.second.waiting).toBeLessThanOrEqual(mode === "awaited" ? 1 : 100);
    expect(report.refused > 0).toBe(mode === "unawaited");
  });

  it.each([{ double: 20 }, { skip: 20 }])("notices a fault: %j", async (fault) => {
    const report = await measureOverload(slowLine(fault), "awaited", { ...options, limit: 300 });
    expect(report.nothingLost).toBe(false);
    expect(report.processed - report.accepted).toBe("skip" in fault ? -1 : 1);
  });

  it("ends when it is interrupted", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const waiting = measureOverload(slowLine(), "awaited", { ...options, signal: controller.signal });
    await expect(waiting).rejects.toThrow(Interrupted);
  });
});

describe("Pace", () => {
  it("gives no more than the rate allows, and ends with its signal", async () => {
    const controller = new AbortController();
    const pace = new Pace(1000);
    const started = performance.now();
    let given = 0;
    while (given < 200) given += await pace.next(controller.signal);
    expect(performance.now() - started).toBeGreaterThan(190);
    expect(given).toBeLessThanOrEqual(performance.now() - started + 1);
    controller.abort();
    await expect(
      (async () => {
        for (;;) await pace.next(controller.signal);
      })(),
    ).rejects.toThrow();
  });
});
