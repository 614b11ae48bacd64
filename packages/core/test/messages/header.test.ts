import { describe, expect, test } from "vitest";
import { z } from "zod";
import { body, defineMessage } from "../../src/index.js";
import { type AnyMessage, copyMessage, envelopeOf, expiryOf, lineageOf } from "../../src/messages/any-message.js";
import { codeOf } from "../support/settling.js";

const Question = defineMessage("Question", body<{ text: string }>());
const Answer = defineMessage("Answer", z.object({ text: z.string() }));
const question = Question({ text: "?" }, { priority: 7 });
const elsewhere = "018f5a3e-7c1b-4d2e-9f3a-0123456789ab";
const base = (message: unknown) => message as AnyMessage;

describe("with", () => {
  test("gives a copy with other header fields; id, body and what is not named stay", () => {
    const copy = Question.with(question, { priority: 9 });
    expect(copy).not.toBe(question);
    expect(copy).toMatchObject({ ...question, messageId: question.messageId, priority: 9, correlationId: null });
    expect(question.priority).toBe(7);
    const caused = Question.with(copy, { correlationId: elsewhere });
    expect(caused).toMatchObject({ priority: 9, correlationId: elsewhere, messageId: question.messageId });
    expect(Question.with(caused, { correlationId: null }).correlationId).toBeNull();
  });

  test("keeps an expiry, and sets one", () => {
    const short = Question.with(question, { expiresIn: 1000 });
    expect(expiryOf(base(short))).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(expiryOf(base(Question.with(short, { priority: 1 })))).toBe(expiryOf(base(short)));
    expect(expiryOf(base(question))).toBe(Number.POSITIVE_INFINITY);
  });

  test("takes messages of its type only, and checks what it sets", async () => {
    expect(await codeOf(() => Answer.with(question as never, { priority: 1 }))).toBe("TYPE_MISMATCH");
    expect(await codeOf(() => Answer.with({ ...question } as never, {}))).toBe("TYPE_MISMATCH");
    expect(await codeOf(() => Answer.with(null as never, {}))).toBe("TYPE_MISMATCH");
    expect(await codeOf(() => Question.with(question, { priority: 256 }))).toBe("INVALID_ARGUMENT");
  });
});

describe("replyTo", () => {
  test("names the cause and hands on its priority", () => {
    const answer = Answer({ text: "!" }, { replyTo: question });
    expect(answer).toMatchObject({ correlationId: question.messageId, priority: 7 });
    expect(answer.messageId).not.toBe(question.messageId);
  });

  test("gives way to what is said beside it", () => {
    const answer = Answer({ text: "!" }, { replyTo: question, priority: 1, correlationId: elsewhere });
    expect(answer).toMatchObject({ correlationId: elsewhere, priority: 1 });
  });

  test("hands on whoever waits for the answer, and the deadline", () => {
    const state = { waits: true, isAnswered: false };
    const requester = {
      ...state,
      responder: "k",
      name: "h",
      asked: "Q",
      answer: () => "taken" as const,
      fail: () => {},
    };
    const asked = Question.with(question, { expiresIn: 1000 });
    const request = copyMessage(base(asked), { ...envelopeOf(base(asked)), lineage: { requester } });
    const answer = base(Answer({ text: "!" }, { replyTo: request }));
    expect(lineageOf(answer)?.requester).toBe(requester);
    expect(expiryOf(answer)).toBe(expiryOf(request));
    const timeless = base(Answer({ text: "!" }, { replyTo: request, expiresIn: Number.POSITIVE_INFINITY }));
    expect([expiryOf(timeless), lineageOf(timeless)?.requester]).toEqual([Number.POSITIVE_INFINITY, requester]);
  });

  test("takes a look-alike that was not made here", () => {
    const foreign = { type: "Question", messageId: elsewhere, priority: 3, correlationId: null };
    expect(Answer({ text: "!" }, { replyTo: foreign })).toMatchObject({ correlationId: elsewhere, priority: 3 });
  });
});

describe("is", () => {
  const lookAlike = JSON.parse(JSON.stringify(Answer({ text: "!" })));

  test.each([
    ["its own message", Answer({ text: "!" }), true],
    ["another type's message", question, false],
    ["a look-alike", lookAlike, true],
    ["a look-alike of another type", { ...lookAlike, type: "Question" }, false],
    ["a look-alike that fails the schema", { ...lookAlike, text: 3 }, false],
    ["a look-alike with a wrong header", { ...lookAlike, priority: 256 }, false],
    ["a body without a header", { text: "!" }, false],
    ["null", null, false],
    ["text", "Answer", false],
  ])("%s: %o → %o", (_, value, expected) => {
    expect(Answer.is(value)).toBe(expected);
  });

  test("can be handed on", () => {
    const mixed = [question, Answer({ text: "!" })];
    expect(mixed.filter(Answer.is)).toEqual([mixed[1]]);
  });
});

describe("parse", () => {
  test("gives its own messages back as they are", () => {
    expect(Question.parse(question)).toBe(question);
  });

  test("takes the header as far as there is one", () => {
    expect(Answer.parse({ text: "!" })).toMatchObject({
      type: "Answer",
      priority: 128,
      correlationId: null,
      text: "!",
    });
    const header = { messageId: elsewhere, priority: 0, correlationId: question.messageId };
    expect(Answer.parse({ ...header, type: "Answer", text: "!" })).toMatchObject({ ...header, text: "!" });
  });

  test("ids are in lower case wherever they are given, as places compare and send them", () => {
    const upper = elsewhere.toUpperCase();
    const header = { messageId: upper, correlationId: upper };
    expect(Answer.parse({ ...header, text: "!" })).toMatchObject({ messageId: elsewhere, correlationId: elsewhere });
    expect(Answer({ text: "!" }, { correlationId: upper }).correlationId).toBe(elsewhere);
    const lookAlike = { ...JSON.parse(JSON.stringify(question)), messageId: upper };
    expect(Answer({ text: "!" }, { replyTo: lookAlike }).correlationId).toBe(elsewhere);
  });

  test("makes of JSON what it was", () => {
    const answer = Answer({ text: "!" }, { replyTo: question });
    const again = Answer.parse(JSON.parse(JSON.stringify(answer)));
    expect(JSON.stringify(again)).toBe(JSON.stringify(answer));
    expect(Answer.is(again)).toBe(true);
  });

  test.each([
    ["type", { type: "Question", text: "!" }],
    ["messageId", { messageId: "1", text: "!" }],
    ["correlationId", { correlationId: 3, text: "!" }],
    ["priority", { priority: 1.5, text: "!" }],
    ["text", { text: 3 }],
    ["type", question],
    [undefined, null],
    [undefined, "text"],
  ])("refuses a wrong %s", async (field, value) => {
    const call = () => Answer.parse(value);
    expect(await codeOf(call)).toBe("INVALID_MESSAGE");
    const issue = field === undefined ? expect.anything() : expect.objectContaining({ path: [field] });
    expect(call).toThrow(expect.objectContaining({ details: { type: "Answer", issues: [issue] } }));
  });
});
