import { afterEach, describe, expect, test, vi } from "vitest";
import { body, createRuntime, defineKernel, defineMessage } from "../../src/index.js";
import { Events } from "../../src/runtime/events.js";
import { local } from "../support/local-backend.js";
import { codeOf } from "../support/settling.js";

interface Map {
  tick: number;
  text: string;
}
const Word = defineMessage("Word", body<object>());
const events = () => new Events<Map>(["tick", "text"]);

afterEach(() => vi.restoreAllMocks());

describe("events", () => {
  test("reach those who listen to them, until they stop", () => {
    const [own, heard] = [events(), [] as unknown[]];
    expect(own.emit("tick", 0)).toBe(false);
    const first = own.on("tick", (n) => heard.push(n));
    own.on("text", (text) => heard.push(text));
    expect(own.emit("tick", 1)).toBe(true);
    own.emit("text", "a");
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(own.emit("tick", 2)).toBe(false);
    own.clear();
    expect(own.emit("text", "b")).toBe(false);
    expect(heard).toEqual([1, "a"]);
  });

  test("reach passive listeners, which do not count", () => {
    const [own, heard] = [events(), [] as unknown[]];
    own.on("tick", (n) => heard.push(n), { passive: true });
    expect(own.emit("tick", 1)).toBe(false);
    own.on("tick", () => {});
    expect(own.emit("tick", 2)).toBe(true);
    expect(heard).toEqual([1, 2]);
  });

  test("reach one function as often as it listens", () => {
    const own = events();
    const listener = vi.fn();
    const first = own.on("tick", listener);
    own.on("tick", listener);
    own.emit("tick", 1);
    first[Symbol.dispose]();
    own.emit("tick", 2);
    expect(listener.mock.calls).toEqual([[1], [1], [2]]);
  });

  test("reach the others when a listener throws, and whoever emits does not notice", () => {
    const own = events();
    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    const listener = vi.fn();
    own.on("tick", () => {
      throw new Error("in a listener");
    });
    own.on("tick", listener);
    expect(own.emit("tick", 1)).toBe(true);
    expect(listener).toHaveBeenCalledWith(1);
    expect(printed).toHaveBeenCalledOnce();
  });

  test("may be listened to and left while they are emitted", () => {
    const [own, heard] = [events(), [] as string[]];
    const first = own.on("tick", () => {
      first[Symbol.dispose]();
      own.on("tick", () => heard.push("later"));
      heard.push("first");
    });
    own.emit("tick", 1);
    expect(heard).toEqual(["first"]);
    own.emit("tick", 2);
    expect(heard).toEqual(["first", "later"]);
  });
});

test("INVALID_ARGUMENT for an unknown event, or a listener that is no function", async () => {
  expect(await codeOf(() => events().on("tock" as "tick", () => {}))).toBe("INVALID_ARGUMENT");
  expect(await codeOf(() => events().on("tick", undefined as never))).toBe("INVALID_ARGUMENT");
  expect(await codeOf(() => events().on("tick", () => {}, { once: true } as never))).toBe("INVALID_ARGUMENT");
});

test("what a kernel logs is an event, and printed if nobody handles it", async () => {
  const printed = vi.spyOn(console, "warn").mockImplementation(() => {});
  const chatty = defineKernel({ id: "chatty", input: Word, handle: (_, { log }) => log.warn("low", { left: 3 }) });
  const runtime = createRuntime({ backend: local() });
  const logged: unknown[] = [];
  runtime.on("log", (entry) => logged.push(entry), { passive: true });
  const kernel = await runtime.start(chatty);
  await kernel.send(Word());
  runtime.on("log", () => {});
  await kernel.send(Word());
  await kernel.terminate({ drain: true });
  expect(logged).toEqual(Array(2).fill({ kernelId: "chatty", level: "warn", text: "low", fields: { left: 3 } }));
  expect(printed.mock.calls).toEqual([["[chatty] low", { left: 3 }]]);
  await runtime.dispose();
});
