import type { DeadLetter, DeadLetterFilter, Runtime } from "@ringline/core";
import { lineOf } from "./event-log.js";
import { writeMessage } from "./message-json.js";
import type { LetterDetail, LetterGroup, LetterView } from "./model.js";

/** Characters of a message that are shown whole, and in a list. */
const MOST_SHOWN = 65_536;
const MOST_PREVIEWED = 160;

/** The dead letters of a runtime, numbered so that a viewer can name them. */
export class LetterBook {
  readonly #runtime: Runtime;
  readonly #refs = new WeakMap<DeadLetter, number>();
  #last = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Letters by stage and reason, the largest group first. */
  groups(): LetterGroup[] {
    const groups = new Map<string, { -readonly [Name in keyof LetterGroup]: LetterGroup[Name] }>();
    const newest = new Map<string, DeadLetter>();
    for (const letter of this.#runtime.deadLetters.peek()) {
      const { kernelId, stage, reason, at } = letter;
      const key = `${kernelId} ${reason}`;
      const group = groups.get(key);
      newest.set(key, letter);
      if (group === undefined)
        groups.set(key, { kernelId, stage, reason, count: 1, oldest: at, newest: at, error: "" });
      else {
        group.count++;
        group.newest = at;
      }
    }
    for (const [key, group] of groups) {
      const error = newest.get(key)?.error;
      group.error = lineOf(error?.cause instanceof Error ? error.cause : error);
    }
    return [...groups.values()].sort((a, b) => b.count - a.count);
  }

  /** Letters of a group, latest first. `most` is clipped to 1,000. */
  list(which: DeadLetterFilter, offset: number, most: number): LetterView[] {
    const letters = this.find(which);
    return letters
      .reverse()
      .slice(offset, offset + Math.min(most, 1000))
      .map((letter) => this.#view(letter));
  }

  /** Oldest first. Throws `INVALID_ARGUMENT` for a reason that is no error code. */
  find(which: DeadLetterFilter): DeadLetter[] {
    return [...this.#runtime.deadLetters.peek(which)];
  }

  /** Letters by number; those that are no longer there are left out. */
  withRefs(refs: readonly number[]): DeadLetter[] {
    const wanted = new Set(refs);
    return this.find({}).filter((letter) => wanted.has(this.#refs.get(letter) ?? 0));
  }

  show(ref: number): LetterDetail | undefined {
    const [letter] = this.withRefs([ref]);
    if (letter === undefined) return undefined;
    const { message, error } = letter;
    const { text, isWhole } = writeMessage(message, MOST_SHOWN);
    const causes: { name: string; message: string; stack: string | null }[] = [];
    for (let one: unknown = error; one !== undefined && one !== null && causes.length < 10; ) {
      if (!(one instanceof Error)) {
        causes.push({ name: typeof one, message: String(one).slice(0, 2000), stack: null });
        break;
      }
      causes.push({
        name: one.name,
        message: one.message.slice(0, 2000),
        stack: String(one.stack ?? "").slice(0, 8000) || null,
      });
      one = one.cause;
    }
    const { correlationId, priority } = message;
    return { ...this.#view(letter), message: text, isWhole, correlationId, priority, remedy: error.remedy, causes };
  }

  #view(letter: DeadLetter): LetterView {
    const { at, kernelId, stage, reason, attempts, message, error } = letter;
    let ref = this.#refs.get(letter);
    if (ref === undefined) {
      ref = ++this.#last;
      this.#refs.set(letter, ref);
    }
    const preview = writeMessage(message, MOST_PREVIEWED).text;
    const { type, messageId } = message;
    return { ref, at, kernelId, stage, reason, attempts, type, messageId, error: lineOf(error), preview };
  }
}
