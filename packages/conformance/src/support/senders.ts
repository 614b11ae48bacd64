import type { KernelHandle } from "@ringline/core";
import { deepEqual, equal, ok, staysPending, until } from "../assert.js";
import { Task } from "../kernels/messages.js";

/** Range of the task numbers of one sender, which distinguishes senders. */
const SPAN = 1_000_000;

export function taskOf(sender: number, i: number): Task {
  return Task({ n: sender * SPAN + i });
}

/** Sends that may wait or fail later: how each ended, in the order of the calls. */
export class Sends {
  readonly promises: Promise<void>[];
  accepted = 0;
  readonly errors: unknown[] = [];

  constructor(promises: Promise<void>[]) {
    this.promises = promises;
    for (const promise of promises) {
      promise.then(
        () => this.accepted++,
        (error) => this.errors.push(error),
      );
    }
  }

  /** Resolves once `count` sends were accepted; fails if more are, while the others have to wait. */
  async accepts(count: number): Promise<void> {
    await until(`${count} sends accepted`, () => this.accepted >= count);
    await staysPending(this.all(), "the sends beyond the capacity");
    equal(this.accepted, count, "sends accepted");
  }

  /** Resolves when all have ended; rejects if one failed. */
  async all(): Promise<void> {
    await Promise.all(this.promises);
  }
}

/** Sends without waiting for any, the senders taking turns. */
export function sendFrom(to: KernelHandle<Task, unknown>, senders: number, each: number, first = 0): Sends {
  const promises: Promise<void>[] = [];
  for (let i = first; i < first + each; i++) {
    for (let sender = 0; sender < senders; sender++) promises.push(to.send(taskOf(sender, i)));
  }
  return new Sends(promises);
}

/** Each sender's messages came in the order of its sends, each once: all from `first` to before `end`. */
export function inOrderPerSender(numbers: readonly number[], senders: number, end: number, first = 0): void {
  ok(numbers.length === senders * (end - first), `${numbers.length} messages of ${senders * (end - first)}`);
  for (let sender = 0; sender < senders; sender++) {
    const own = numbers.filter((n) => Math.floor(n / SPAN) === sender).map((n) => n % SPAN);
    deepEqual(
      own,
      Array.from({ length: end - first }, (_, i) => first + i),
      `messages of sender ${sender}`,
    );
  }
}
