import { CAPACITY } from "../subject.js";

/**
 * For what answers by the promise of its call: keeps the promises of what is outstanding, oldest first, so that such a
 * subject can be driven by `send` and `receive` like the others.
 */
export class AnswerWindow<T> {
  private readonly answers = new Array<Promise<T> | undefined>(CAPACITY).fill(undefined);
  private sent = 0;
  private received = 0;

  push(answer: Promise<T>): void {
    this.answers[this.sent++ % CAPACITY] = answer;
  }

  shift(): Promise<T> {
    const slot = this.received++ % CAPACITY;
    const answer = this.answers[slot]!;
    this.answers[slot] = undefined;
    return answer;
  }
}
