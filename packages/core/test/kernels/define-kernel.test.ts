import { describe, expect, test } from "vitest";
import { body, defineKernel, defineMessage, peer } from "../../src/index.js";
import { definitionOf } from "../../src/kernels/define-kernel.js";
import { codeOf } from "../support/settling.js";

const Add = defineMessage("Add", body<{ n: number }>());
const Flush = defineMessage("Flush");
const base = { id: "k", input: Add, handle() {} } as const;
/** As a caller without types would. */
const define = (definition: object) => defineKernel(definition as typeof base);

describe("a kernel", () => {
  test("is data with defaults", () => {
    expect(definitionOf(defineKernel(base))).toMatchObject({
      id: "k",
      definedAs: "k",
      module: undefined,
      input: [Add],
      output: [],
      queueSize: 4096,
      backpressure: "block",
      peers: {},
      needs: [],
      ack: "auto",
      onError: "dead-letter",
    });
    expect(Object.isFrozen(defineKernel(base))).toBe(true);
  });

  test("keeps what is said", () => {
    const stage = peer("stage", { input: Add });
    const options = { queueSize: 3, backpressure: "reject", module: "file:///k.js", peers: { stage } } as const;
    const kernel = defineKernel({
      id: "k",
      input: [Add, Flush],
      output: Add,
      ...options,
      ack: "manual",
      async run() {},
    });
    expect(definitionOf(kernel)).toMatchObject({ ...options, input: [Add, Flush], output: [Add], ack: "manual" });
  });

  test("has its replies among its outputs, once", () => {
    const kernel = defineKernel({
      ...base,
      output: Flush,
      replies: { Add: [Add, Flush] },
      handle: (add) => add,
    });
    expect(definitionOf(kernel)).toMatchObject({ output: [Flush, Add], replies: new Map([["Add", ["Add", "Flush"]]]) });
    for (const replies of [undefined, {}, { Add: undefined }]) {
      expect(definitionOf(define({ ...base, replies }))).toMatchObject({ output: [], replies: undefined });
    }
  });

  test("has copies under other ids, which remember the first", () => {
    const kernel = defineKernel(base);
    const copy = kernel.as("k_1").as("k_2");
    expect([kernel.id, copy.id]).toEqual(["k", "k_2"]);
    expect(definitionOf(copy)).toMatchObject({ id: "k_2", definedAs: "k", input: [Add] });
  });

  test("is told apart from handles, peers and anything else", () => {
    for (const value of [peer("k", { input: Add }), { id: "k" }, "k", null, undefined]) {
      expect(definitionOf(value)).toBeUndefined();
    }
  });
});

describe("INVALID_ARGUMENT", () => {
  test.each<[string, object]>([
    ["no id", { id: undefined }],
    ["an empty id", { id: "" }],
    ["an id that is no text", { id: 3 }],
    ["two bodies", { run: async () => {} }],
    ["no body", { handle: undefined }],
    ["a body that is no function", { handle: "handle" }],
    ["an unknown option", { queuesize: 3 }],
    ["a queue of size 0", { queueSize: 0 }],
    ["a queue of size 1.5", { queueSize: 1.5 }],
    ["a queue of size NaN", { queueSize: Number.NaN }],
    ["an endless queue", { queueSize: Number.POSITIVE_INFINITY }],
    ["an unknown strategy", { backpressure: "drop-newest" }],
    ["a module that is no text", { module: new URL("file:///k.js") }],
    ["an unknown ack", { ack: "late" }],
    ["an input that is a message", { input: Flush() }],
    ["an input that is a name", { input: "Add" }],
    ["an output with something else among it", { output: [Add, null] }],
    ["a type without a function", { input: [Add, Flush], handle: { Add() {} } }],
    ["a function for a type that it does not take", { handle: { Add() {}, Flush() {} } }],
    ["no function for a type", { handle: { Add: 1 } }],
    ["replies that are no record", { replies: Flush }],
    ["a reply to a type that it does not take", { replies: { Flush: Add } }],
    ["a reply that is a name", { replies: { Add: "Add" } }],
    ["a reply that is nothing", { replies: { Add: [] } }],
    ["two replies of one name", { replies: { Add: [Flush, defineMessage("Flush")] } }],
    ["an unknown action", { onError: "ignore" }],
    ["no retry", { onError: { retry: 0 } }],
    ["a backoff out of range", { onError: { retry: 1, backoff: { initial: -1 } } }],
    ["a peer that is no address", { peers: { stage: {} } }],
  ])("%s", async (_, options) => {
    expect(await codeOf(() => define({ ...base, ...options }))).toBe("INVALID_ARGUMENT");
  });

  test.each([undefined, null, 3, ""])("a copy under the id %o", async (id) => {
    expect(await codeOf(() => defineKernel(base).as(id as string))).toBe("INVALID_ARGUMENT");
  });

  test.each([undefined, null, "input"])("a peer with the contract %o", async (messages) => {
    expect(await codeOf(() => peer("k", messages as never))).toBe("INVALID_ARGUMENT");
  });
});
