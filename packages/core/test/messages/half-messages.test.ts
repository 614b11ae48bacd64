import { afterEach, describe, expect, test, vi } from "vitest";
import { body, defineMessage } from "../../src/index.js";
import { AcceptedTypes } from "../../src/messages/message-type.js";
import { codeOf } from "../support/settling.js";

const Note = defineMessage("Note", body<{ text: string }>());
const note = Note({ text: "hi" }, { priority: 200 });
const taken = (value: unknown) => new AcceptedTypes([Note], "reader").check(value);

describe("a copy of a message is one, or is none that a kernel takes", () => {
  test.each([
    ["itself", () => structuredClone(note)],
    ["in a list", () => structuredClone([1, note])],
    ["in a Map", () => structuredClone(new Map([["note", note]]))],
    ["in a body", () => structuredClone({ notes: [{ note }] })],
    ["to another thread", () => new MessageChannel().port1.postMessage(note)],
  ])("structuredClone refuses it: %s", (_, copy) => {
    expect(copy).toThrow(expect.objectContaining({ name: "DataCloneError" }));
  });

  test.each([
    ["a spread", { ...note }],
    ["a spread with another field", { ...note, text: "other" }],
    ["Object.assign", Object.assign({}, note)],
    ["entries", Object.fromEntries(Object.entries(note))],
  ])("%s has no header and is no message", async (_, half) => {
    expect(Object.keys(half)).toEqual(["text"]);
    expect(Note.is(half)).toBe(false);
    expect(await codeOf(() => taken(half))).toBe("TYPE_MISMATCH");
  });

  test("JSON has header and body, alone and in a list", () => {
    const [again] = JSON.parse(JSON.stringify([note])) as unknown[];
    const { messageId, priority, text } = Note.parse(again);
    expect({ messageId, priority, text }).toEqual({ messageId: note.messageId, priority: 200, text: "hi" });
    expect(Note.is(again)).toBe(true);
    expect(taken(again)).toMatchObject({ messageId, priority: 200 });
  });

  test("for the rest of the language a message is an ordinary object", () => {
    expect(Object.prototype.toString.call(note)).toBe("[object Object]");
    expect("next" in note || Symbol.iterator in note).toBe(false);
    expect(note).toEqual(Note({ text: "hi" }));
  });
});

describe("in production", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  test("a clone is the body alone, which no kernel takes", async () => {
    vi.stubEnv("NODE_ENV", "production");
    vi.resetModules();
    const { body, defineMessage } = await import("../../src/index.js");
    const { AcceptedTypes } = await import("../../src/messages/message-type.js");
    const Note = defineMessage("Note", body<{ text: string }>());
    const half = structuredClone(Note({ text: "hi" }));
    expect([half, Note.is(half)]).toEqual([{ text: "hi" }, false]);
    expect(() => new AcceptedTypes([Note], "reader").check(half)).toThrow(
      expect.objectContaining({ code: "TYPE_MISMATCH" }),
    );
  });
});
