const AWAKE = 0;
const RUNG = 1;
const ASLEEP = 2;

/** Word index of the note, in another cache line than the bell: avoids false sharing. */
const NOTE = 32;

/** Bytes of a bell. */
export const BELL = 256;

/**
 * The doorbell of a thread: one word, rung by all writers. A thread that is not asleep has a pending wake-up, or polls
 * again before it sleeps; so any number of writes wakes it once.
 */
export class Bell {
  readonly memory: SharedArrayBuffer;
  readonly #word: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#word = new Int32Array(memory);
  }

  /** Called by a writer. True when the thread sleeps and must be woken. */
  ring(): boolean {
    // already rung and not answered: the owner reads everything written until it answers
    if (Atomics.load(this.#word, 0) === RUNG) return false;
    return Atomics.exchange(this.#word, 0, RUNG) === ASLEEP;
  }

  get isRung(): boolean {
    return Atomics.load(this.#word, 0) === RUNG;
  }

  /** Called by the owner, before it reads what was written. */
  answer(): void {
    Atomics.exchange(this.#word, 0, AWAKE);
  }

  /** Called by the owner: records the port that it works on, in case the thread is lost. */
  note(work: number): void {
    this.#word[NOTE] = work;
  }
  get noted(): number {
    return this.#word[NOTE]!;
  }

  /** Called by the owner: false when the bell was rung since the last answer. */
  sleep(): boolean {
    return Atomics.compareExchange(this.#word, 0, AWAKE, ASLEEP) === AWAKE;
  }
}
