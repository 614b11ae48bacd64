import { describe, expect, test } from "vitest";
import { type AnyMessage, copyMessage, envelopeOf } from "../../src/messages/any-message.js";
import { Checkpoints } from "../../src/runtime/checkpoints.js";
import { numbered } from "../support/messages.js";

const [a, b] = [numbered(1), numbered(2)];
const inHand = (...messages: AnyMessage[]) => messages.map((message) => ({ message, attempts: 0 }));
/** As it comes back from another place: the same id, another object. */
const elsewhere = (message: AnyMessage) => copyMessage(message, { ...envelopeOf(message), id: message.messageId });

function after(...saves: [state: string, settles: AnyMessage[]][]): Checkpoints {
  const checkpoints = new Checkpoints();
  for (const [state, settles] of saves) checkpoints.save(state, settles);
  return checkpoints;
}

describe("a checkpoint", () => {
  test("counts at once when it waits for nothing", () => {
    expect(after(["one", []], ["two", []]).latest).toBe("two");
  });

  test("counts when what it waits for was settled before the end", () => {
    const checkpoints = after(["one", []], ["two", [a]]);
    expect(checkpoints.latest).toBe("one");
    checkpoints.recover(inHand(b));
    expect(checkpoints.latest).toBe("two");
  });

  test("does not when a place was lost between the checkpoint and the end of the time in hand", () => {
    const checkpoints = after(["one", [a]], ["two", [b]]);
    checkpoints.recover(inHand(elsewhere(b)));
    expect(checkpoints.latest).toBe("one");
  });

  test("replaces one that waits for the same message", () => {
    const checkpoints = after(["one", []], ["two", [b, a]], ["three", [b, a]]);
    checkpoints.recover(inHand(a, b));
    expect(checkpoints.latest).toBe("one");
  });

  test("replaces it also where each comes with objects of its own", () => {
    const checkpoints = after(["one", []], ["two", [a]], ["three", [elsewhere(a)]]);
    checkpoints.recover(inHand(elsewhere(a)));
    expect(checkpoints.latest).toBe("one");
  });

  test("that counts at once makes what waits pointless", () => {
    const checkpoints = after(["one", [a]], ["two", []]);
    checkpoints.recover(inHand(a));
    expect(checkpoints.latest).toBe("two");
  });

  test("counts once its message is done, also when the next one has the same id", () => {
    const checkpoints = after(["one", []], ["two", [a]]);
    checkpoints.settled();
    checkpoints.recover(inHand(a));
    expect(checkpoints.latest).toBe("two");
  });
});
