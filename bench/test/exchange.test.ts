import { describe, expect, it } from "vitest";
import { exchange } from "../src/exchange.js";
import { Interrupted, within } from "../src/process/within.js";
import { fakeSubject } from "./fake-line.js";

const never = new AbortController().signal;

describe("exchange", () => {
  it("sends every message once, from the first on, with no more outstanding than allowed", async () => {
    const sent: number[] = [];
    let outstanding = 0;
    let most = 0;
    const line = await fakeSubject("counted", (n) => {
      sent.push(n);
      return n;
    }).open(1);
    await exchange(
      {
        ...line,
        send(n) {
          most = Math.max(most, ++outstanding);
          return line.send(n);
        },
        receive() {
          outstanding--;
          return line.receive();
        },
      },
      100,
      1000,
      16,
    );
    expect(sent).toEqual(Array.from({ length: 1000 }, (_, index) => index + 100));
    expect(most).toBe(16);
    expect(outstanding).toBe(0);
  });

  it("takes fewer messages than may be outstanding", async () => {
    await exchange(await fakeSubject("few").open(1), 0, 3, 256);
  });

  it("ends early where it takes too long, with nothing left in the line", async () => {
    const sent: number[] = [];
    const line = await fakeSubject("slow", (n) => {
      sent.push(n);
      return n;
    }).open(1);
    const through = await exchange(line, 0, 100_000, 16, 0);
    expect(through).toBe(sent.length);
    expect(through).toBeLessThan(100_000);
    expect(await exchange(line, 0, 1000, 16)).toBe(1000);
  });

  it("finds a reply out of order", async () => {
    const line = await fakeSubject("swapped", (n) => n ^ 1).open(1);
    await expect(exchange(line, 0, 100, 8)).rejects.toThrow("where 0 was due");
  });

  it("gives up with a reason where a message is lost", async () => {
    const { receive, ...rest } = await fakeSubject("lossy").open(1);
    const skipping = async () => {
      const reply = await receive();
      return reply.n === 50 ? receive() : reply;
    };
    const line = { ...rest, receive: skipping };
    await expect(exchange(line, 0, 100, 8)).rejects.toThrow("got message 51 where 50 was due");
    const silent = { ...rest, receive: () => new Promise<never>(() => {}) };
    const waiting = within(() => exchange(silent, 0, 100, 8), { limit: 20, signal: never });
    await expect(waiting).rejects.toThrow("no end after 0.02 s");
  });
});

describe("within", () => {
  it("gives what the work gives, or fails as it fails", async () => {
    expect(await within(async () => 7, { limit: 1000, signal: never })).toBe(7);
    const failing = within(() => Promise.reject(new Error("broken")), { limit: 1000, signal: never });
    await expect(failing).rejects.toThrow("broken");
  });

  it("does not start what is interrupted already, and leaves what is interrupted later", async () => {
    let started = 0;
    const work = () => {
      started++;
      return new Promise<never>(() => {});
    };
    await expect(within(work, { limit: 1000, signal: AbortSignal.abort() })).rejects.toThrow(Interrupted);
    expect(started).toBe(0);
    const controller = new AbortController();
    const waiting = within(work, { limit: 10_000, signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toThrow(Interrupted);
  });
});
