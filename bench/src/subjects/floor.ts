import { answer, createMessage, type PlainMessage } from "../plain-message.js";
import { CAPACITY, type Line, type Subject } from "../subject.js";

/**
 * The floor: what somebody writes by hand who needs one bounded queue and one async loop, and nothing else.
 *
 * Included: a bounded first-in-first-out ring, a promise for every put and take, waiting at both ends (a full ring
 * parks the sender, an empty one the receiver), a new message for each answer with an id from a counter, the priority
 * handed on as a field, and the id of its cause.
 * Not included, though every kernel has it: order by priority, UUIDs, counters and latency samples, lifecycle, errors
 * and dead letters, time-outs, abort signals, replies to requests, settling, yielding to the event loop.
 */
class RingBuffer<T> {
  private readonly slots: (T | undefined)[];
  /** The capacity is a power of two, so that a mask replaces the remainder. */
  private readonly mask: number;
  private head = 0;
  private count = 0;
  private readonly takers: ((value: T) => void)[] = [];
  private readonly putters: { readonly value: T; readonly accepted: () => void }[] = [];

  constructor(capacity: number) {
    this.slots = new Array<T | undefined>(capacity).fill(undefined);
    this.mask = capacity - 1;
  }

  put(value: T): Promise<void> {
    if (this.takers.length > 0) {
      this.takers.shift()!(value);
      return accepted;
    }
    if (this.count <= this.mask) {
      this.append(value);
      return accepted;
    }
    return new Promise((resolve) => {
      this.putters.push({ value, accepted: resolve });
    });
  }

  take(): Promise<T> {
    if (this.count === 0) {
      return new Promise((resolve) => {
        this.takers.push(resolve);
      });
    }
    const value = this.slots[this.head] as T;
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) & this.mask;
    this.count--;
    if (this.putters.length > 0) {
      const putter = this.putters.shift()!;
      this.append(putter.value);
      putter.accepted();
    }
    return Promise.resolve(value);
  }

  private append(value: T): void {
    this.slots[(this.head + this.count) & this.mask] = value;
    this.count++;
  }
}

const accepted = Promise.resolve();

async function stage(input: RingBuffer<PlainMessage>, output: RingBuffer<PlainMessage>): Promise<never> {
  for (;;) {
    const message = await input.take();
    await output.put(answer(message));
  }
}

export const floor: Subject = {
  name: "floor",
  title: "hand-written ring buffer with promises, one async loop a stage",
  async open(stages): Promise<Line> {
    const rings = Array.from({ length: stages + 1 }, () => new RingBuffer<PlainMessage>(CAPACITY));
    for (let index = 0; index < stages; index++) void stage(rings[index]!, rings[index + 1]!);
    const first = rings[0]!;
    const last = rings[stages]!;
    return {
      send: (n) => first.put(createMessage(n, null)),
      receive: () => last.take(),
      // A parked loop that nobody can wake is garbage.
      close: async () => {},
    };
  },
};
