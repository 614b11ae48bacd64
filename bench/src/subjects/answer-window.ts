import { CAPACITY } from "../subject.js";

/**
 * For what answers by the promise of its call: keeps the promises of what is outstanding, oldest first, so that such a
 * subject can be driven by `send` and `receive` like the others.
 */
export class AnswerWindow<T> {
  private readonly answers = new Array<Promise<T> | undefined>(CAPACITY).fill(undefined);
  private sent = 0;
  private received = 0;

  private waiter: ((answer: Promise<T>) => void) | undefined;

  push(answer: Promise<T>): void {
    if (this.waiter !== undefined) {
      const waiter = this.waiter;
      this.waiter = undefined;
      waiter(answer);
      return;
    }
    this.answers[this.sent++ % CAPACITY] = answer;
  }

  /** The oldest answer, or the next one where none is outstanding. */
  shift(): Promise<T> {
    if (this.received === this.sent) {
      return new Promise((resolve) => {
        this.waiter = resolve;
      });
    }
    const slot = this.received++ % CAPACITY;
    const answer = this.answers[slot]!;
    this.answers[slot] = undefined;
    return answer;
  }
}
