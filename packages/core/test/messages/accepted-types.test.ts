import { describe, expect, test } from "vitest";
import { z } from "zod";
import { body, defineMessage } from "../../src/index.js";
import { AcceptedTypes } from "../../src/messages/message-type.js";

const Add = defineMessage("Add", z.object({ n: z.number() }));
const Flush = defineMessage("Flush", body<{}>());
const Other = defineMessage("Other");

describe.each([
  ["one type", new AcceptedTypes([Add], "k")],
  ["several types", new AcceptedTypes([Flush, Add], "k")],
])("an end that takes %s", (_, accepted) => {
  test("passes its messages on as they are", () => {
    const add = Add({ n: 1 });
    expect(accepted.check(add)).toBe(add);
  });

  test("makes a message of a look-alike", () => {
    const add = accepted.check(JSON.parse(JSON.stringify(Add({ n: 1 }, { priority: 3 }))));
    expect(Add.is(add)).toBe(true);
    expect(add).toMatchObject({ type: "Add", n: 1, priority: 3 });
  });

  test("refuses a look-alike that fails its schema", () => {
    expect(() => accepted.check({ type: "Add", n: "1" })).toThrow(expect.objectContaining({ code: "INVALID_MESSAGE" }));
  });

  test.each([
    [Other(), "Other"],
    [{ type: "Other" }, "Other"],
    [{ n: 1 }, "object"],
    [null, "null"],
    [undefined, "undefined"],
    [3, "number"],
  ])("refuses %o and says what it got", (message, got) => {
    const details = { wanted: accepted.names, got };
    const refusal = expect.objectContaining({ code: "TYPE_MISMATCH", kernelId: "k", details });
    expect(() => accepted.check(message)).toThrow(refusal);
  });
});

test("an end without types takes nothing", () => {
  const accepted = new AcceptedTypes([], "source");
  expect(() => accepted.check(Add({ n: 1 }))).toThrow(expect.objectContaining({ code: "TYPE_MISMATCH" }));
});
