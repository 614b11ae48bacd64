import { describe, expect, it } from "vitest";
import { exchange } from "../src/exchange.js";
import { streams } from "../src/streams.js";
import { CAPACITY } from "../src/subject.js";
import { floor } from "../src/subjects/floor.js";
import { REFERENCE, subjects } from "../src/subjects.js";
import { threadLines } from "../src/threads/subjects.js";

describe.each(subjects)("$name", ({ name, load }) => {
  it("is what the list calls it", async () => {
    const subject = await load();
    expect(subject.name).toBe(name);
    expect(subject.title).not.toBe("");
  });

  it("answers each message with a new one that carries id, priority and cause, through one stage and four", async () => {
    const subject = await load();
    for (const stages of subject.singleStage ? [1] : [1, 4]) {
      const line = await subject.open(stages);
      try {
        const ids = new Set<unknown>();
        for (let n = 0; n < 20; n++) {
          await line.send(n);
          const reply = await line.receive();
          expect(reply).toMatchObject({ n, priority: 128 });
          expect(reply.correlationId).not.toBeNull();
          ids.add(reply.messageId).add(reply.correlationId);
        }
        expect(ids.size).toBe(40);
        await exchange(line, 0, 5000, 256);
      } finally {
        await line.close();
      }
    }
  });
});

describe.each(streams)("$name", ({ name, load }) => {
  it("sends a source through four stages, in order, more than once, each reply with its cause", async () => {
    const subject = await load();
    expect(subject.name).toBe(name);
    const stream = await subject.open(4);
    try {
      for (const messages of [1, 5000]) {
        let expected = 0;
        await stream.run(messages, ({ n, priority, correlationId }) => {
          if (n !== expected || priority !== 128 || correlationId === null)
            throw new Error(`got ${n}, not ${expected}`);
          expected++;
        });
        expect(expected).toBe(messages);
      }
    } finally {
      await stream.close();
    }
  });
});

// kernels are loaded by their threads as they were built, so they are measured and not tested here
describe.each(threadLines.filter(({ name }) => !name.startsWith("thread-")))("$name", ({ name, load }) => {
  it("answers from a thread", async () => {
    const subject = await load();
    expect(subject.name).toBe(name);
    const line = await subject.open(1);
    try {
      await exchange(line, 0, 1000, 64);
    } finally {
      await line.close();
    }
  });
});

describe("the floor", () => {
  it("is the reference", () => {
    expect(REFERENCE).toBe(floor.name);
  });

  it("is bounded: a full line makes the sender wait, and loses nothing", async () => {
    const line = await floor.open(1);
    const total = 3 * CAPACITY;
    let accepted = 0;
    const sending = (async () => {
      for (let n = 0; n < total; n++) {
        await line.send(n);
        accepted++;
      }
    })();
    await new Promise((resolve) => setImmediate(resolve));
    // Two full rings and the message in the loop's hand.
    expect(accepted).toBe(2 * CAPACITY + 1);
    for (let n = 0; n < total; n++) expect((await line.receive()).n).toBe(n);
    await sending;
  });
});
