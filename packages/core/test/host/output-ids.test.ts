import { expect, test } from "vitest";
import { OutputIds } from "../../src/host/output-ids.js";
import type { AnyMessage } from "../../src/messages/any-message.js";
import { Numbered, numbered } from "../support/messages.js";

const [a, b] = [numbered(1), numbered(2)];
const outputOf = (cause: AnyMessage) => numbered(0, { replyTo: cause });

test("the same outputs have the same ids at each try, and no two outputs of a try share one", () => {
  const tries = [1, 2].map((delivery) => {
    const ids = new OutputIds("k");
    return [a, a, b].map((cause) => ids.named(outputOf(cause), [a, b], delivery).messageId);
  });
  expect(tries[0]).toEqual(tries[1]);
  expect(new Set(tries[0]).size).toBe(3);
});

test("another delivery and another attempt count from 0 again", () => {
  const ids = new OutputIds("k");
  const first = ids.named(outputOf(a), [a], 1).messageId;
  expect(ids.named(outputOf(a), [a], 1).messageId).not.toBe(first);
  expect(ids.named(outputOf(a), [a], 2).messageId).toBe(first);
  ids.restart();
  expect(ids.named(outputOf(a), [a], 2).messageId).toBe(first);
});

test("header and body stay", () => {
  const output = numbered(7, { replyTo: a, priority: 3 });
  const named = new OutputIds("k").named(output, [a], 1);
  expect(named).toMatchObject({ n: 7, priority: 3, correlationId: a.messageId, type: output.type });
});

test.each([
  ["what nothing in hand has caused", numbered(1), [a]],
  ["what was caused by what is not in hand any more", outputOf(b), [a]],
  ["what is passed on as it came", a, [a]],
])("%s keeps its id", (_, message, held) => {
  expect(new OutputIds("k").named(message, held, 1)).toBe(message);
});

test("a message from elsewhere keeps its id", () => {
  const elsewhere = "018f5a3e-7c1b-4d2e-9f3a-0123456789ab";
  const message = Numbered.parse({ n: 1, messageId: elsewhere });
  const caused = Numbered.with(message, { replyTo: a }) as unknown as AnyMessage;
  expect(new OutputIds("k").named(caused, [a], 1).messageId).toBe(elsewhere);
});
