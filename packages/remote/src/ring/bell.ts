const AWAKE = 0;
const RUNG = 1;
const ASLEEP = 2;

/** Words apart, so that what one thread writes does not take from others what they read: caches work by lines. */
const NOTE = 32;

/** Bytes of a bell. */
export const BELL = 256;

/**
 * The doorbell of a thread, one word for all who write to it. A thread that is not asleep has a wake-up under way or is
 * at work and looks again before it sleeps; so however much is written, it is woken once.
 */
export class Bell {
  readonly memory: SharedArrayBuffer;
  readonly #word: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#word = new Int32Array(memory);
  }

  /** By who has written. True when the thread sleeps and must be woken. */
  ring(): boolean {
    // it was rung and not answered: whoever answers looks at all that is written by now
    if (Atomics.load(this.#word, 0) === RUNG) return false;
    return Atomics.exchange(this.#word, 0, RUNG) === ASLEEP;
  }

  get isRung(): boolean {
    return Atomics.load(this.#word, 0) === RUNG;
  }

  /** By its owner, before it looks at what was written. */
  answer(): void {
    Atomics.exchange(this.#word, 0, AWAKE);
  }

  /** By its owner: what it works on, for whoever asks why it is gone. */
  note(work: number): void {
    this.#word[NOTE] = work;
  }
  get noted(): number {
    return this.#word[NOTE]!;
  }

  /** By its owner: false when something was written since it answered. */
  sleep(): boolean {
    return Atomics.compareExchange(this.#word, 0, AWAKE, ASLEEP) === AWAKE;
  }
}
