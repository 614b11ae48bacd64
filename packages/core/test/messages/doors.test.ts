import { expect, test, vi } from "vitest";
import { body, createRuntime, defineKernel, defineMessage } from "../../src/index.js";
import { local } from "../support/local-backend.js";

const Note = defineMessage("Note", body<object>());
class Own {
  method() {}
}
const noBodies = { list: [], array: [1], map: new Map([[1, 2]]), set: new Set(), date: new Date(0), own: new Own() };

test.each(Object.entries({ ...noBodies, bytes: new Uint8Array(2), text: "a" }))("%s is no body", (_, value) => {
  const code = expect.objectContaining({ code: "INVALID_MESSAGE" });
  expect(() => Note.parse(value)).toThrow(code);
  expect(() => Note(value as object)).toThrow(code);
});

test("what cannot be read is INVALID_MESSAGE, with the reason as its cause", () => {
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const getter = {
    get a() {
      throw new RangeError("no");
    },
  };
  for (const make of [Note, Note.parse]) {
    expect(() => make(revoked)).toThrow(
      expect.objectContaining({ code: "INVALID_MESSAGE", cause: expect.any(TypeError) }),
    );
    expect(() => make(getter)).toThrow(
      expect.objectContaining({ code: "INVALID_MESSAGE", cause: expect.any(RangeError) }),
    );
  }
  expect(() => Note({}, { priority: revoked as never })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});

test.each([{}, Object.create(null), Note({ a: 1 })])("fields and nothing else are a body", (value) => {
  expect(Note.is(Note.parse(value))).toBe(true);
  expect(Note.is(Note(value))).toBe(true);
});

test("a message of another copy of core is said to be that", async () => {
  vi.resetModules();
  const other = await import("../../src/index.js");
  const Theirs = other.defineMessage("Note", other.body<object>());
  await using runtime = createRuntime({ backend: local() });
  await runtime.start(defineKernel({ id: "k", input: Note, output: Note, handle: () => Theirs({}) as never }));
  using _ = runtime.on("error", () => {});
  await expect(runtime.send("k" as never, Theirs({}) as never)).rejects.toMatchObject({
    code: "CORE_TWICE",
    details: {
      type: "Note",
      by: expect.stringContaining("environment.ts"),
      here: expect.stringContaining("environment.ts"),
    },
  });
  await expect(runtime.request("k" as never, Note({}) as never)).rejects.toMatchObject({ code: "CORE_TWICE" });
});
