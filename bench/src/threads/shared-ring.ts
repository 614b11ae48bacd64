import type { PlainMessage } from "../plain-message.js";
import { CAPACITY } from "../subject.js";

/** Places in the words that both sides look at; far apart, so that no two of them share a cache line. */
const TAIL = 0;
const HEAD = 16;
/** State of a reader that sleeps. */
const ASLEEP = 32;
const WORDS = 48;

/** Looks at an empty ring before a side goes to sleep: tens of microseconds. */
export const LOOKS = 2000;
/** Words of a message: n, id, priority, cause. */
const SIZE = 4;

/** A ring of one writer and one reader in shared memory, on threads of their own. */
export class RingMemory {
  readonly words: Int32Array;

  constructor(
    readonly memory: SharedArrayBuffer,
    readonly bytesOfSlots: number,
  ) {
    this.words = new Int32Array(memory, 0, WORDS);
  }

  static make(bytesOfSlots: number): RingMemory {
    return new RingMemory(new SharedArrayBuffer(WORDS * 4 + bytesOfSlots), bytesOfSlots);
  }

  get offset(): number {
    return WORDS * 4;
  }

  get tail(): number {
    return Atomics.load(this.words, TAIL);
  }

  get head(): number {
    return Atomics.load(this.words, HEAD);
  }

  /** Makes what was written known; true where the reader has to be woken. */
  publish(tail: number): boolean {
    Atomics.store(this.words, TAIL, tail);
    return Atomics.load(this.words, ASLEEP) === 1 && Atomics.exchange(this.words, ASLEEP, 0) === 1;
  }

  release(head: number): void {
    Atomics.store(this.words, HEAD, head);
  }

  /** Blocks a thread that has nothing else to do until there is something. */
  sleep(head: number): void {
    for (let look = 0; look < LOOKS; look++) if (this.tail !== head) return;
    Atomics.store(this.words, ASLEEP, 1);
    if (this.tail === head) Atomics.wait(this.words, ASLEEP, 1);
    Atomics.store(this.words, ASLEEP, 0);
  }

  wake(): void {
    Atomics.notify(this.words, ASLEEP);
  }

  /** For a thread that must not block: true where it may wait for the doorbell, false where there is something. */
  arm(head: number): boolean {
    Atomics.store(this.words, ASLEEP, 1);
    if (this.tail === head) return true;
    Atomics.store(this.words, ASLEEP, 0);
    return false;
  }
}

/** Layout of messages in a ring. Positions only grow; both sides know them modulo 2^32. */
export interface RingFormat<M> {
  readonly bytes: number;
  /** Positions are in units of this format's own. */
  writer(memory: RingMemory): (message: M) => number | undefined;
  reader(memory: RingMemory): { head: number; read(): M };
}

/** Four words in a slot: no codec, nothing but numbers can travel. */
export const WORD_FORMAT: RingFormat<PlainMessage> = {
  bytes: CAPACITY * SIZE * 4,
  writer(memory) {
    const slots = new Int32Array(memory.memory, memory.offset);
    let tail = 0;
    let seen = 0;
    return ({ n, messageId, priority, correlationId }) => {
      if (((tail - seen) | 0) === CAPACITY) {
        seen = memory.head;
        if (((tail - seen) | 0) === CAPACITY) return undefined;
      }
      const at = (tail & (CAPACITY - 1)) * SIZE;
      slots[at] = n;
      slots[at + 1] = messageId;
      slots[at + 2] = priority;
      slots[at + 3] = correlationId ?? 0;
      tail = (tail + 1) | 0;
      return tail;
    };
  },
  reader(memory) {
    const slots = new Int32Array(memory.memory, memory.offset);
    return {
      head: 0,
      read() {
        const at = (this.head & (CAPACITY - 1)) * SIZE;
        this.head = (this.head + 1) | 0;
        const cause = slots[at + 3] as number;
        return {
          type: "Step",
          n: slots[at] as number,
          messageId: slots[at + 1] as number,
          priority: slots[at + 2] as number,
          correlationId: cause === 0 ? null : cause,
        };
      },
    };
  },
};
