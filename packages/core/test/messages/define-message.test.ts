import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { body, defineMessage } from "../../src/index.js";
import { asUuid } from "../../src/messages/message-id.js";
import { codeOf } from "../support/settling.js";

const RawData = defineMessage("RawData", body<{ values: number[] }>());
const Flush = defineMessage("Flush");

describe("a message", () => {
  test("has its body beside a header with defaults", () => {
    const raw = RawData({ values: [1, 2] });
    expect(raw).toMatchObject({ type: "RawData", priority: 128, correlationId: null, values: [1, 2] });
    expect(asUuid(raw.messageId)).toBe(raw.messageId);
    expect(raw.messageId).toBe(raw.messageId);
    expect(Object.keys(raw)).toEqual(["values"]);
  });

  test("needs no body where there are no fields", () => {
    expect(Flush().type).toBe("Flush");
    expect(Flush(undefined, { priority: 3 }).priority).toBe(3);
  });

  test("takes fields from an object that stays as it was", () => {
    const fields = { values: [1] };
    const raw = RawData(fields);
    expect(Object.isFrozen(fields)).toBe(false);
    expect(raw.values).toBe(fields.values);
  });

  test("holds typed arrays and objects as they are", () => {
    const Chunk = defineMessage("Chunk", body<{ samples: Float32Array; at: Date }>());
    const samples = Float32Array.of(1, 2);
    expect(Chunk({ samples, at: new Date(0) }).samples).toBe(samples);
  });
});

describe("a message does not change", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  test("in development it is frozen, what it holds is not", () => {
    const raw = RawData({ values: [1] }) as { priority: number; values: number[] };
    expect(Object.isFrozen(raw)).toBe(true);
    expect(() => Object.assign(raw, { values: [] })).toThrow(TypeError);
    expect(() => Object.assign(raw, { priority: 3 })).toThrow(TypeError);
    raw.values.push(2);
    expect(raw.values).toEqual([1, 2]);
  });

  test("in production only its header is guarded", async () => {
    vi.stubEnv("NODE_ENV", "production");
    vi.resetModules();
    const production = await import("../../src/index.js");
    const raw = production.defineMessage("RawData", body<{ values: number[] }>())({ values: [1] });
    expect(Object.isFrozen(raw)).toBe(false);
    expect(() => Object.assign(raw, { priority: 3 })).toThrow(TypeError);
    expect(() => Object.assign(raw, { type: "Other" })).toThrow(TypeError);
  });
});

describe("names of the header, which bodies cannot use", () => {
  const Typed = defineMessage("Typed", body<{ n: number }>());
  // to the compiler, loose fields would be header fields, too
  const Loose = defineMessage("Loose", z.looseObject({ n: z.number() }) as never as z.ZodObject<{ n: z.ZodNumber }>);

  test.each(["type", "messageId", "priority", "correlationId"])("%s", async (field) => {
    for (const make of [Typed, Loose]) {
      const call = () => make({ n: 1, [field]: "x" } as { n: number });
      expect(await codeOf(call)).toBe("INVALID_MESSAGE");
      expect(call).toThrow(expect.objectContaining({ details: { type: make.type, issues: [issueAt(field)] } }));
    }
  });

  test("__proto__, so that parsed JSON changes no prototype", async () => {
    const evil = JSON.parse('{ "n": 1, "__proto__": { "isAdmin": true } }');
    expect(await codeOf(() => Typed(evil))).toBe("INVALID_MESSAGE");
    expect(await codeOf(() => Typed.parse(evil))).toBe("INVALID_MESSAGE");
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test("toJSON, which gives the form with the header", async () => {
    const Odd = defineMessage("Odd", body<object>());
    expect(await codeOf(() => Odd({ toJSON: "x" }))).toBe("INVALID_MESSAGE");
  });

  test("a field that cannot be read is the cause", () => {
    const cause = new Error("unreadable");
    const call = () =>
      Typed({
        get n(): number {
          throw cause;
        },
      });
    expect(call).toThrow(expect.objectContaining({ code: "INVALID_MESSAGE", cause }));
  });

  const issueAt = (field: string) => expect.objectContaining({ path: [field] });
});

describe("refused options", () => {
  test.each(["", undefined, 3])("name %o", async (name) => {
    expect(await codeOf(() => defineMessage(name as string))).toBe("INVALID_ARGUMENT");
  });

  test.each([{}, "schema", () => {}, { "~standard": {} }])("body %o", async (schema) => {
    expect(await codeOf(() => defineMessage("Bad", schema as never))).toBe("INVALID_ARGUMENT");
  });

  test.each([256, -1, 1.5, Number.NaN, "3", null])("priority %o", async (priority) => {
    expect(await codeOf(() => Flush({}, { priority: priority as number }))).toBe("INVALID_ARGUMENT");
  });

  test.each([0, -1, Number.NaN, "3", null])("expiresIn %o", async (expiresIn) => {
    expect(await codeOf(() => Flush({}, { expiresIn: expiresIn as number }))).toBe("INVALID_ARGUMENT");
  });

  test.each(["", "1", 3, "00000000-0000-0000-0000-00000000000g"])("correlationId %o", async (correlationId) => {
    expect(await codeOf(() => Flush({}, { correlationId: correlationId as string }))).toBe("INVALID_ARGUMENT");
  });

  test.each([null, "id", {}, { messageId: "1" }])("replyTo %o", async (replyTo) => {
    expect(await codeOf(() => Flush({}, { replyTo: replyTo as never }))).toBe("INVALID_ARGUMENT");
  });
});
