import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PortBlock } from "../../src/account/port-block.js";
import { BELL } from "../../src/ring/bell.js";
import { MESSAGE } from "../../src/ring/frame.js";
import { CorruptLog, LogReader } from "../../src/ring/log-reader.js";
import { LOG_CONTROL, LogWriter } from "../../src/ring/log-writer.js";
import { SendIntent } from "../../src/ring/send-intent.js";

function log() {
  const control = new Int32Array(new SharedArrayBuffer(LOG_CONTROL));
  const reader = new LogReader(control);
  const segments = new Map<number, SharedArrayBuffer>();
  const writer = new LogWriter(control, 1, new SendIntent(new SharedArrayBuffer(BELL)), {
    segment: (id, memory) => {
      segments.set(id, memory);
      reader.add(id, memory);
    },
    forget: (id) => {
      segments.delete(id);
      reader.forget(id);
    },
  });
  const write = (ticket: number, size: number) => {
    writer.write(MESSAGE, 1, 0, new Uint8Array(size).fill(ticket & 0xff), size);
    return writer.publish(ticket);
  };
  return { control, reader, writer, segments, write };
}

describe("a log", () => {
  test("gives frames of all sizes in order, and uses its memory again, whatever the order of settling", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(fc.nat(64), fc.nat(3000), fc.constant(200_000)), fc.boolean()), { maxLength: 300 }),
        (frames) => {
          const { reader, write, segments } = log();
          const held = [];
          for (const [ticket, [size, isHeld]] of frames.entries()) {
            write(ticket, size);
            const frame = reader.next(reader.published);
            expect(frame?.ticket).toBe(ticket);
            const bytes = frame?.segment.bytes.subarray(frame.payloadStart, frame.payloadStart + size);
            expect(bytes?.every((byte) => byte === (ticket & 0xff))).toBe(true);
            if (isHeld) held.push({ frame, ticket, size });
            else frame?.settle();
          }
          for (const { frame, ticket, size } of held) {
            const bytes = frame?.segment.bytes.subarray(frame.payloadStart, frame.payloadStart + size);
            expect(bytes?.every((byte) => byte === (ticket & 0xff))).toBe(true);
          }
          expect([...reader.left()].map(({ ticket }) => ticket).sort((a, b) => a - b)).toEqual(
            held.map(({ ticket }) => ticket),
          );
          expect(segments.size).toBeLessThan(6 + held.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("bursts make no memory anew, and what a long message or a burst needed is given back", () => {
    const { reader, write, writer, segments } = log();
    let made = 0;
    writer.onGrown = () => made++;
    const settleAll = () => {
      for (let frame = reader.next(reader.published); frame; frame = reader.next(reader.published)) frame.settle();
    };
    const burst = () => {
      for (let i = 0; i < 400; i++) write(i, 3000);
      settleAll();
    };
    for (let i = 0; i < 5; i++) burst();
    const enough = made;
    for (let i = 0; i < 20; i++) {
      burst();
      writer.trim();
    }
    expect(made).toBe(enough);

    write(0, 10_000_000);
    settleAll();
    for (let i = 0; i < 20; i++) {
      writer.trim();
      settleAll();
    }
    const left = [...segments.values()].reduce((sum, memory) => sum + memory.byteLength, 0);
    expect(left).toBeLessThanOrEqual(3 * 128 * 1024);
    expect(writer.mayTrim).toBe(false);
    write(1, 10);
    expect(reader.next(reader.published)?.ticket).toBe(1);
  });

  test("takes nothing once it is closed, and what was written before is all that is left", () => {
    const { reader, write, writer } = log();
    write(0, 10);
    reader.close();
    expect(write(1, 10)).toBe(false);
    expect(writer.isClosed).toBe(true);
    expect([...reader.left()].map(({ ticket }) => ticket)).toEqual([0]);
  });

  test("a port takes no more than its limit, and gives tickets in order", () => {
    const { writer } = log();
    const { words } = new PortBlock();
    const accept = () => {
      writer.write(MESSAGE, 1, 0, new Uint8Array(8), 8);
      return writer.publishAccepted(words, 3, 0);
    };
    expect([accept(), accept(), accept(), accept()]).toEqual([true, true, true, undefined]);
  });

  test("random bytes in its memory are a fault that is told, and never an endless loop", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 4000 }), fc.nat(3000), (noise, at) => {
        const { reader, write, segments } = log();
        for (let ticket = 0; ticket < 50; ticket++) write(ticket, 40);
        new Uint8Array(segments.get(0) as SharedArrayBuffer).set(noise, 16 + at);
        const seen: number[] = [];
        try {
          for (let frame = reader.next(reader.published); frame !== undefined; frame = reader.next(reader.published)) {
            seen.push(frame.ticket);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptLog);
        }
        // what was read before the fault is what was written
        expect(seen).toEqual(seen.map((_, i) => i));
        for (const frame of reader.left()) expect(frame.ticket).toBeLessThan(50);
      }),
      { numRuns: 2000 },
    );
  }, 60_000); // a busy machine
});
